"""What can be odd about an answer, in groups; an answer takes at most one of each group.

An oddity that is more than odd (the answer is not plainly the whole, valid, signed one any more)
says `must = False`; one after which the answer may never seem complete says `whole = False`; one
that may not seem to be an answer at all says `final = False`: what follows it may be read as the
answer, and no client can tell that it is another payment's.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass, field

type Header = tuple[str, str | bytes]
type Oddity = Callable[[random.Random, Draft], None]


@dataclass
class Draft:
    """An answer before it is written: its head's lines, its body as framed, what stands before."""

    body: bytes
    headers: list[Header]
    trap: str
    line: bytes = b"HTTP/1.1 200 OK"
    before: bytes = b""
    framed: bytes | None = None
    framing: list[Header] | None = None
    newline: bytes = b"\r\n"
    must: bool = True
    whole: bool = True
    final: bool = True
    until_close: bool = False
    kinds: list[str] = field(default_factory=list)

    def wire(self) -> bytes:
        framing = self.framing
        if framing is None:
            framing = [("content-length", str(len(self.body)))]
        pairs = [*self.headers, *framing]
        lines = [name.encode() + b": " + _bytes(value) for name, value in pairs]
        head = self.newline.join([self.line, *lines, b"", b""])
        return self.before + head + (self.body if self.framed is None else self.framed)


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


# Statuses ----------------------------------------------------------------------------------------

PLAIN = [200, 201, 202, 203, 206, 226, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404]
PLAIN += [405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 425, 426]
PLAIN += [428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 507, 511, 520, 599]


def _status(rng: random.Random, draft: Draft) -> None:
    draft.line = b"HTTP/1.1 %d %s" % (
        rng.choice(PLAIN),
        rng.choice([b"OK", b"", b"-", b"a b \xe9"]),
    )


def _status_without_body(rng: random.Random, draft: Draft) -> None:
    draft.line = b"HTTP/1.1 %d x" % rng.choice([100, 101, 102, 103, 199, 204, 205, 304])
    draft.must = draft.whole = draft.final = False


def _status_line(rng: random.Random, draft: Draft) -> None:
    odd = [
        b"HTTP/1.0 200 OK",
        b"HTTP/0.9 200 OK",
        b"HTTP/2 200",
        b"HTTP/1.1 200",
        b"HTTP/1.2 200 OK",
    ]
    odd += [
        b"http/1.1 200 OK",
        b"ICY 200 OK",
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1 2000 OK",
        b"HTTP/1.1  200",
    ]
    odd += [
        b"HTTP/1.1 abc OK",
        b"HTTP/1.1",
        b"",
        b"\0",
        b"HTTP/1.1 -200 OK",
        b"HTTP/1.1 999 x",
        b"\xff" * 80,
    ]
    odd += [
        b"HTTP/1.1 600 x",
        b"HTTP/1.1 000 x",
        b"SSH-2.0-x",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"x" * 200_000,
    ]
    draft.line = rng.choice(odd)
    draft.must = draft.whole = draft.final = False


# Headers that libraries treat specially ----------------------------------------------------------

TRAP = "{trap}"
LOCATIONS = [
    "localhost:8080/login",
    "mailto:x",
    "https:foo",
    "https://xn--a/",
    "//",
    "?",
    "http://[",
]
LOCATIONS += [
    "https://\xff.example/",
    "http://a:99999/",
    "javascript:x",
    "%",
    ":",
    "http://@:/",
    TRAP,
]
COOKIES = [
    "a=b; Domain=127.0.0.1; Path=/",
    "=",
    ";",
    "a",
    "a=b; Expires=x; Max-Age=" + "9" * 30,
    '"',
]
TYPES = [
    "text/html",
    "x; charset=idna",
    "/",
    "",
    "a/b; charset=\xff",
    "multipart/mixed; boundary=x",
]
TYPES += [f"application/json; charset={charset}" for charset in ("utf-7", "undefined", "utf-16")]
HEADERS: dict[str, list[str]] = {
    "Location": LOCATIONS,
    "Set-Cookie": COOKIES,
    "Content-Encoding": [
        "gzip",
        "deflate",
        "br",
        "zstd",
        "identity",
        "x-unknown",
        "gzip, gzip",
        "",
    ],
    "Content-Type": TYPES,
    "Connection": [
        "close",
        "keep-alive",
        "Upgrade",
        "close, x",
        "Signature, Client-Id",
        "",
        "CLOSE",
    ],
    "Upgrade": ["h2c", "websocket", "TLS/1.3, HTTP/1.1", ""],
    "Keep-Alive": ["timeout=0", "timeout=-1, max=0", "x"],
    "Refresh": [f"0; url={TRAP}", "0"],
    "Retry-After": ["0", "-1", "9" * 400, "Fri, 99 Foo 0000", "x"],
    "WWW-Authenticate": ["Basic realm=x", "Digest", 'Digest nonce="', "Negotiate", "Bearer x"],
    "Proxy-Authenticate": ["Basic realm=x", "NTLM"],
    "Proxy-Connection": ["close", "keep-alive"],
    "Alt-Svc": [f'h2="{TRAP}"; ma=9', "clear", "x"],
    "Link": [f"<{TRAP}>; rel=preload", "<", ">;;"],
    "Date": ["x", "Thu, 01 Jan 1970 00:00:00 GMT"],
    "Strict-Transport-Security": ["max-age=99999999; includeSubDomains"],
    "Trailer": ["Signature", "Content-Length"],
    "Content-Range": ["bytes 0-1/2", "x"],
    "Content-Disposition": ['attachment; filename="../../x"'],
    "Content-MD5": ["AAAA"],
    "Expect": ["100-continue"],
    "Status": ["500"],
    "Sec-WebSocket-Accept": ["x"],
    "HTTP2-Settings": ["AAMAAABkAAQAAP__"],
    "X-Long": ["x" * 2000],
    "X-Obs-Text": ["\xe9\xff\x80"],
}


def _special(name: str) -> Oddity:
    def add(rng: random.Random, draft: Draft) -> None:
        for _ in range(rng.choice([1, 1, 2])):
            value = rng.choice(HEADERS[name]).replace(TRAP, draft.trap)
            if name == "Location" and rng.random() < 0.4:
                value = "".join(
                    rng.choice("htps:/.@[]%#?a1-_ \u00e9") for _ in range(rng.randrange(1, 30))
                )
            place = rng.randrange(len(draft.headers) + 1)
            draft.headers.insert(
                place, (rng.choice([name, name.lower(), name.upper()]), value.strip())
            )
        if name == "Location":
            draft.line = b"HTTP/1.1 %d x" % rng.choice([300, 301, 302, 303, 307, 308, 200, 201])

    return add


# Heads that are no heads -------------------------------------------------------------------------


def _head(rng: random.Random, draft: Draft) -> None:
    odd: list[Header] = [("x", b"a\0b"), ("x", b"a\rb"), ("x", b"a\nb: c"), ("x", b"\x01\x7f")]
    odd += [("x y", "z"), ("", "x"), ("x ", "y"), ("\t x", "y"), ("x(", "y"), (" folded", "x")]
    odd += [("x\r\n y", "z"), ("x", "y" * 150_000)]
    draft.headers.insert(rng.randrange(len(draft.headers) + 1), rng.choice(odd))
    draft.must = draft.whole = False


def _many_headers(rng: random.Random, draft: Draft) -> None:
    draft.headers += [(f"x-{number}", "y") for number in range(rng.choice([50, 500, 3_000]))]
    draft.must = draft.whole = False


def _newlines(rng: random.Random, draft: Draft) -> None:
    draft.newline = rng.choice([b"\n", b"\r", b"\r\r\n", b"\n\r"])
    draft.must = draft.whole = draft.final = False


def _before(rng: random.Random, draft: Draft) -> None:
    draft.before = rng.choice(
        [b"\r\n", b"\n\n", b"\0", b" ", b"\xef\xbb\xbf", b"0\r\n\r\n", b"HTTP/1.1 "]
    )
    draft.must = draft.whole = False


def _interim(rng: random.Random, draft: Draft) -> None:
    more = [
        b"",
        b"Link: <x>\r\n",
        b"Location: mailto:x\r\n",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
    ]
    for _ in range(rng.choice([1, 1, 2, 50])):
        draft.before += b"HTTP/1.1 %d x\r\n%b\r\n" % (
            rng.choice([100, 102, 103, 199, 101]),
            rng.choice(more),
        )
    draft.must = draft.whole = False


def _wrong_proof(rng: random.Random, draft: Draft) -> None:
    """The three signed headers: one missing, twice, or of something else."""
    names = ["client-id", "response-time", "signature"]
    at = names.index(rng.choice(names))
    name, value = draft.headers[at]
    change: list[list[Header]] = [
        [],
        [(name, value)] * 2,
        [(name, "x")],
        [(name, _bytes(value)[:-1])],
    ]
    change += [[(name, "")], [(name, b"\xff")], [(name, value), (name, "x")], [(name, "," * 5000)]]
    draft.headers[at : at + 1] = rng.choice(change)
    draft.must = False


# Framing -----------------------------------------------------------------------------------------


def _chunk(data: bytes, extension: bytes = b"", form: bytes = b"%x") -> bytes:
    return form % len(data) + extension + b"\r\n" + data + b"\r\n"


def _cut(rng: random.Random, body: bytes) -> list[bytes]:
    cuts = (
        sorted(rng.sample(range(1, len(body)), rng.choice([0, 1, 2, 7]))) if len(body) > 8 else []
    )
    return [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]


def _chunks(rng: random.Random, draft: Draft) -> None:
    form, extension = rng.choice([b"%x", b"%X", b"00%x"]), rng.choice([b"", b"", b";a=b"])
    trailer = rng.choice([b"", b"", b"Signature: x\r\n", b"Content-Length: 5\r\n"])
    draft.framed = b"".join(_chunk(one, extension, form) for one in _cut(rng, draft.body))
    draft.framed += b"0\r\n" + trailer + b"\r\n"
    draft.framing = [("Transfer-Encoding", "chunked")]


def _broken_chunks(rng: random.Random, draft: Draft) -> None:
    good = b"".join(_chunk(one) for one in _cut(rng, draft.body))
    sizes = [
        b"-5",
        b"0x5",
        b"+5",
        b" 5",
        b"5 ",
        b"",
        b"g",
        b"f" * 16,
        b"f" * 20,
        b"1" * 5000,
        b"5;" + b"a" * 70_000,
    ]
    draft.framed = rng.choice(
        [
            good,
            good + b"0\r\n",
            good + b"0",
            good[:-2] + b"0\r\n\r\n",
            good.replace(b"\r\n", b"\n") + b"0\n\n",
            good + b"0\r\nbroken trailer\r\n\r\n",
            good + b"0\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
            rng.choice(sizes) + b"\r\n" + draft.body + b"\r\n0\r\n\r\n",
            b"0\r\n\r\n" + good + b"0\r\n\r\n",
        ]
    )
    draft.framing = [("Transfer-Encoding", "chunked")]
    draft.must = draft.whole = False


def _wrong_length(rng: random.Random, draft: Draft) -> None:
    true = len(draft.body)
    wrong = rng.choice(
        [0, 1, true - 1, true // 2, true + 1, true + 500, 10**6, 2**31, 2**63, 10**30]
    )
    draft.framing = [("Content-Length", str(wrong))]
    draft.must = False
    draft.whole = wrong <= true


def _odd_length(rng: random.Random, draft: Draft) -> None:
    true = str(len(draft.body))
    odd = [
        f"+{true}",
        f"-{true}",
        f"{true}, {true}",
        f"{true}, 5",
        hex(len(draft.body)),
        f"{true}.0",
        "",
        "x",
        "9" * 5000,
    ]
    draft.framing = [
        ("Content-Length", rng.choice([*odd, f"0{true}", f"{true} ", f"{true};q=1", "\u00b2"]))
    ]
    draft.must = draft.whole = False


def _several_framings(rng: random.Random, draft: Draft) -> None:
    true, chunks = str(len(draft.body)), b"".join([_chunk(draft.body), b"0\r\n\r\n"])
    length, chunked = ("Content-Length", true), ("Transfer-Encoding", "chunked")
    codings = ["gzip, chunked", "identity", "x", "chunked, identity", " chunked", ""]
    others: list[list[Header]] = [
        [length, chunked],
        [chunked, length],
        [length, length],
        [length, ("Content-Length", "5")],
        [chunked, chunked],
        *([("Transfer-Encoding", coding)] for coding in codings),
    ]
    draft.framing = rng.choice(others)
    draft.framed = rng.choice([draft.body, chunks])
    draft.must = draft.whole = False


def _until_close(_: random.Random, draft: Draft) -> None:
    draft.framing, draft.until_close = [], True


# Bodies ------------------------------------------------------------------------------------------


def _unsigned_body(rng: random.Random, draft: Draft) -> None:
    """Another body under the signature: it proves nothing."""
    html = b"<html><body>502 Bad Gateway</body></html>"
    draft.body = rng.choice(
        [
            b"",
            html,
            draft.body + b" ",
            draft.body[:-1],
            b"x" * 70_000,
            gzip.compress(draft.body),
            b"{}",
        ]
    )
    draft.must = False


HARMLESS: dict[str, dict[str, Oddity]] = {
    "status": {"plain": _status},
    "header": {name: _special(name) for name in HEADERS},
    "another header": {name: _special(name) for name in HEADERS},
    "framing": {"chunks": _chunks, "until close": _until_close},
}
"""What decides nothing: an answer with these has to be read."""

ODDITIES: dict[str, dict[str, Oddity]] = {
    "status": {"plain": _status, "without a body": _status_without_body, "line": _status_line},
    "header": HARMLESS["header"],
    "head": {"broken": _head, "many headers": _many_headers, "newlines": _newlines},
    "before it": {"bytes": _before, "1xx": _interim},
    "proof": {"wrong": _wrong_proof, "of another body": _unsigned_body},
    "framing": HARMLESS["framing"]
    | {
        "broken chunks": _broken_chunks,
        "wrong length": _wrong_length,
        "odd length": _odd_length,
        "several": _several_framings,
    },
}
