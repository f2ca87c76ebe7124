"""What a hostile gateway may send: each answer is without an end, without a limit, or a trap."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain, repeat

from tests.wire.peer import Signer, Step

SUCCESS = b'{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
END = b"\r\n\r\n"
REDIRECTS = (301, 302, 303, 307, 308)

type Steps = Callable[[Signer], Iterable[Step]]


def _head_and_body(signer: Signer) -> tuple[bytes, bytes]:
    (answer,) = signer.answer(SUCCESS)
    assert isinstance(answer, bytes)
    head, _, body = answer.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


def _drip(data: bytes) -> Iterable[Step]:
    return chain.from_iterable((bytes([byte]), 0.2) for byte in data)


def _drip_in_the_body(signer: Signer) -> Iterable[Step]:
    head, body = _head_and_body(signer)
    return chain([head], _drip(body))


@cache
def _packed() -> bytes:
    return gzip.compress(SUCCESS + b" " * 60_000_000)


TRAPS: dict[str, Steps] = {
    "a drip from the status line on": lambda signer: _drip(b"".join(_head_and_body(signer))),
    "a drip in the body": _drip_in_the_body,
    "headers that drip": lambda _: chain([HEAD], chain.from_iterable(repeat((b"x: y\r\n", 0.2)))),
    "a signed body without an end": lambda signer: chain(
        signer.answer(SUCCESS, without="content-length"), repeat(b" " * 65_536)
    ),
    "chunks without an end": lambda _: chain([CHUNKED], repeat(b"1\r\n \r\n" * 4096)),
    "a chunk size without an end": lambda _: chain([CHUNKED], repeat(b"0" * 65_536)),
    "a chunk of an exabyte": lambda _: chain(
        [CHUNKED, b"de0b6b3a7640000\r\n"], repeat(b" " * 65_536)
    ),
    "trailers without an end": lambda _: chain([CHUNKED + b"0\r\n"], repeat(b"x: y\r\n" * 4096)),
    "headers without an end": lambda _: chain([HEAD], repeat(b"x: " + b"y" * 65_536 + b"\r\n")),
    "one header without an end": lambda _: chain([HEAD + b"x: "], repeat(b"y" * 65_536)),
    "promises without an end": lambda _: repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1024),
    "a length of an exabyte": lambda _: [
        HEAD,
        b"content-length: 1000000000000000000\r\n\r\n",
        60.0,
    ],
    "a length of 4,000 digits": lambda _: [HEAD, b"content-length: " + b"9" * 4000 + END, 60.0],
    "two lengths": lambda _: [
        HEAD,
        b"content-length: 5\r\ncontent-length: 50" + END,
        SUCCESS,
        60.0,
    ],
    "a signed bomb of 60 MB in 58 KB of gzip": lambda signer: signer.answer(
        _packed(), content_encoding="gzip"
    ),
    "60,000 signed brackets": lambda signer: signer.answer(b"[" * 60_000),
    "half a status line": lambda _: [b"HTTP/1.", 60.0],
    "nothing at all": lambda _: [60.0],
}
"""Every trap by its name; what is signed is signed by Alipay+'s own key."""


def redirect(status: int, to: str) -> list[Step]:
    """An answer that points elsewhere."""
    head = f"HTTP/1.1 {status} Elsewhere\r\nlocation: {to}/aps\r\ncontent-length: 0\r\n\r\n"
    return [head.encode()]
