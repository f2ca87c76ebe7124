"""What can be odd about an answer's head: its status, its headers, what stands before it."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.integration.generators.draft import Draft, Header, as_bytes

type Oddity = Callable[[random.Random, Draft], None]

# Statuses whose answer has a body.
PLAIN = [one for one in range(200, 600) if one not in (204, 205, 304)]


def status(rng: random.Random, draft: Draft) -> None:
    words = rng.choice([b"OK", b"", b"-", b"a b \xe9"])
    draft.line = b"HTTP/1.1 %d %s" % (rng.choice(PLAIN), words)


def status_without_body(rng: random.Random, draft: Draft) -> None:
    draft.line = b"HTTP/1.1 %d x" % rng.choice([100, 101, 102, 103, 199, 204, 205, 304])
    draft.must = draft.whole = draft.final = False


def _values(text: str) -> list[str]:
    """What stands between the bars."""
    return [one.strip() for one in text.split("|")]


ODD_LINES = _values(
    "HTTP/1.0 200 OK | HTTP/0.9 200 OK | HTTP/2 200 | HTTP/1.1 200 | HTTP/1.2 200 OK | http/1.1 200"
    "| ICY 200 OK | HTTP/1.1 20 OK | HTTP/1.1 2000 OK | HTTP/1.1  200 | HTTP/1.1 abc OK | HTTP/1.1"
    "| | \0 | HTTP/1.1 -200 OK | HTTP/1.1 999 x | HTTP/1.1 600 x | HTTP/1.1 000 x | SSH-2.0-x"
    "| \x15\x03\x03\x00\x02\x02\x28"
)
ODD_LINES += ["\xff" * 80, "x" * 200_000]


def status_line(rng: random.Random, draft: Draft) -> None:
    draft.line = rng.choice(ODD_LINES).encode("latin-1")
    draft.alone = not draft.line.startswith(b"HTTP/1.0")
    draft.must = draft.whole = draft.final = False


TRAP = "{trap}"
_HEADERS = """
Location: localhost:8080/login | mailto:x | https:foo | https://xn--a/ | // | ? | http://[ | : | %
Location: https://\xff.example/ | http://a:99999/ | javascript:x | http://@:/ | {trap}
Set-Cookie: a=b; Domain=127.0.0.1; Path=/ | = | ; | a | a=b; Expires=x; Max-Age=999999999999999 | "
Content-Encoding: gzip | deflate | br | zstd | identity | x-unknown | gzip, gzip |
Content-Type: text/html | x; charset=idna | / | | a/b; charset=\xff | multipart/mixed; boundary=x
Content-Type: application/json; charset=utf-7 | x/y; charset=undefined | x/y; charset=utf-16
Connection: close | keep-alive | Upgrade | close, x | Signature, Client-Id | | CLOSE
Upgrade: h2c | websocket | TLS/1.3, HTTP/1.1 |
Keep-Alive: timeout=0 | timeout=-1, max=0 | x
Refresh: 0; url={trap} | 0
Retry-After: 0 | -1 | 99999999999999999999999999999999999999999999 | Fri, 99 Foo 0000 | x
WWW-Authenticate: Basic realm=x | Digest | Digest nonce=" | Negotiate | Bearer x
Proxy-Authenticate: Basic realm=x | NTLM
Proxy-Connection: close | keep-alive
Alt-Svc: h2="{trap}"; ma=9 | clear | x
Link: <{trap}>; rel=preload | < | >;;
Date: x | Thu, 01 Jan 1970 00:00:00 GMT
Strict-Transport-Security: max-age=99999999; includeSubDomains
Trailer: Signature | Content-Length
Content-Range: bytes 0-1/2 | x
Content-Disposition: attachment; filename="../../x"
Content-MD5: AAAA
Expect: 100-continue
Status: 500
Sec-WebSocket-Accept: x
HTTP2-Settings: AAMAAABkAAQAAP__
X-Obs-Text: \xe9\xff\x80
"""
HEADERS: dict[str, list[str]] = {"X-Long": ["x" * 2000]}
for _line in _HEADERS.strip().splitlines():
    _name, _, _text = _line.partition(":")
    HEADERS.setdefault(_name, []).extend(_values(_text))


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


ODD_HEADERS: list[Header] = [("x", b"a\0b"), ("x", b"a\rb"), ("x", b"a\nb: c"), ("x", b"\x01\x7f")]
ODD_HEADERS += [("x y", "z"), ("", "x"), ("x ", "y"), ("\t x", "y"), ("x(", "y"), (" folded", "x")]
ODD_HEADERS += [("x\r\n y", "z"), ("no colon\r\nx", "y"), ("x", "y" * 30_000)]


def odd_header(rng: random.Random, draft: Draft) -> None:
    """Of no form that HTTP knows; it is none of those that are read, so it decides nothing."""
    draft.headers.insert(rng.randrange(len(draft.headers) + 1), rng.choice(ODD_HEADERS))


def long_header(rng: random.Random, draft: Draft) -> None:
    draft.headers.insert(rng.randrange(len(draft.headers) + 1), ("x", "y" * 150_000))
    draft.must = draft.whole = False


def many_headers(rng: random.Random, draft: Draft) -> None:
    draft.headers += [(f"x-{number}", "y") for number in range(rng.choice([50, 500, 3_000]))]
    draft.must = draft.whole = False


def newlines(rng: random.Random, draft: Draft) -> None:
    draft.newline = rng.choice([b"\n", b"\r", b"\r\r\n", b"\n\r"])
    draft.must = draft.whole = draft.final = False


def before(rng: random.Random, draft: Draft) -> None:
    odd = [b"\r\n", b"\n\n", b"\0", b" ", b"\xef\xbb\xbf", b"0\r\n\r\n", b"HTTP/1.1 "]
    draft.before = rng.choice(odd)
    draft.must = draft.whole = False


def interim(rng: random.Random, draft: Draft) -> None:
    more = [b"", b"Link: <x>\r\n", b"Location: mailto:x\r\n", b"Content-Length: 5\r\n"]
    more += [b"Transfer-Encoding: chunked\r\n"]
    for _ in range(rng.choice([1, 1, 2, 50])):
        status = rng.choice([100, 102, 103, 199, 101])
        draft.before += b"HTTP/1.1 %d x\r\n%b\r\n" % (status, rng.choice(more))
    draft.must = draft.whole = draft.alone = False


def early_hints(rng: random.Random, draft: Draft) -> None:
    """Lawful: an interim answer, then the answer itself."""
    draft.before = b"HTTP/1.1 %d x\r\n\r\n" % rng.choice([100, 102, 103, 199])
    draft.alone = False


def wrong_proof(rng: random.Random, draft: Draft) -> None:
    """The three signed headers: one missing, twice, or of something else."""
    name = rng.choice(["client-id", "response-time", "signature"])
    at = [one.lower() for one, _ in draft.headers].index(name)
    value = draft.headers[at][1]
    change: list[list[Header]] = [[], [(name, value)] * 2, [(name, value), (name, "x")]]
    wrong = ["x", "", b"\xff", "," * 5000, as_bytes(value)[:-1]]
    change += [[(name, one)] for one in wrong]
    draft.headers[at : at + 1] = rng.choice(change)
    draft.must = draft.proven = False
