"""What can be odd about an answer's head: its status, its headers, what stands before it."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.integration.generators.draft import Draft, Header, as_bytes

type Oddity = Callable[[random.Random, Draft], None]

PLAIN = [200, 201, 202, 203, 206, 226, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404]
PLAIN += [405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 425, 426]
PLAIN += [428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 507, 511, 520, 599]


def status(rng: random.Random, draft: Draft) -> None:
    draft.line = b"HTTP/1.1 %d %s" % (
        rng.choice(PLAIN),
        rng.choice([b"OK", b"", b"-", b"a b \xe9"]),
    )


def status_without_body(rng: random.Random, draft: Draft) -> None:
    draft.line = b"HTTP/1.1 %d x" % rng.choice([100, 101, 102, 103, 199, 204, 205, 304])
    draft.must = draft.whole = draft.final = False


def status_line(rng: random.Random, draft: Draft) -> None:
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
    draft.alone = not draft.line.startswith(b"HTTP/1.0")
    draft.must = draft.whole = draft.final = False


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


def special(name: str) -> Oddity:
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
            if name == "Connection" and value.lower().startswith("close"):
                draft.alone = False
        if name == "Location":
            draft.line = b"HTTP/1.1 %d x" % rng.choice([300, 301, 302, 303, 307, 308, 200, 201])

    return add


def head(rng: random.Random, draft: Draft) -> None:
    odd: list[Header] = [("x", b"a\0b"), ("x", b"a\rb"), ("x", b"a\nb: c"), ("x", b"\x01\x7f")]
    odd += [("x y", "z"), ("", "x"), ("x ", "y"), ("\t x", "y"), ("x(", "y"), (" folded", "x")]
    odd += [("x\r\n y", "z"), ("x", "y" * 150_000)]
    draft.headers.insert(rng.randrange(len(draft.headers) + 1), rng.choice(odd))
    draft.must = draft.whole = False


def many_headers(rng: random.Random, draft: Draft) -> None:
    draft.headers += [(f"x-{number}", "y") for number in range(rng.choice([50, 500, 3_000]))]
    draft.must = draft.whole = False


def newlines(rng: random.Random, draft: Draft) -> None:
    draft.newline = rng.choice([b"\n", b"\r", b"\r\r\n", b"\n\r"])
    draft.must = draft.whole = draft.final = False


def before(rng: random.Random, draft: Draft) -> None:
    draft.before = rng.choice(
        [b"\r\n", b"\n\n", b"\0", b" ", b"\xef\xbb\xbf", b"0\r\n\r\n", b"HTTP/1.1 "]
    )
    draft.must = draft.whole = False


def interim(rng: random.Random, draft: Draft) -> None:
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
    draft.must = draft.whole = draft.alone = False


def early_hints(rng: random.Random, draft: Draft) -> None:
    """Lawful: an interim answer, then the answer itself."""
    draft.before = b"HTTP/1.1 %d x\r\n\r\n" % rng.choice([100, 102, 103, 199])
    draft.alone = False


def wrong_proof(rng: random.Random, draft: Draft) -> None:
    """The three signed headers: one missing, twice, or of something else."""
    names = ["client-id", "response-time", "signature"]
    at = names.index(rng.choice(names))
    name, value = draft.headers[at]
    change: list[list[Header]] = [
        [],
        [(name, value)] * 2,
        [(name, "x")],
        [(name, as_bytes(value)[:-1])],
    ]
    change += [[(name, "")], [(name, b"\xff")], [(name, value), (name, "x")], [(name, "," * 5000)]]
    draft.headers[at : at + 1] = rng.choice(change)
    draft.must = False
