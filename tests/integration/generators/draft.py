"""An answer before it is written, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.support.gateway import Step
from tests.support.signer import Signer

type Header = tuple[str, str | bytes]


@dataclass(frozen=True)
class Situation:
    """What answers of a batch may refer to, and what they may do.

    `strangers` are payments that an answer must not be read for, `trap` is an address that nothing
    may connect to, `all_asked` waits until no more requests of the batch can come.
    """

    signer: Signer
    strangers: Sequence[str]
    trap: str
    stalls: bool
    all_asked: Callable[[], bool]


@dataclass(frozen=True)
class Answer:
    """`proves` is the outcome's detail-type, or None; `must` says that it has to be read, `alone`
    that another request may follow on its connection."""

    steps: list[Step]
    proves: str | None
    must: bool = True
    kinds: list[str] = field(default_factory=lambda: ["healthy"])
    alone: bool = True


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
    proven: bool = True
    must: bool = True
    whole: bool = True
    final: bool = True
    until_close: bool = False
    alone: bool = True
    kinds: list[str] = field(default_factory=list)

    def wire(self) -> bytes:
        framing = self.framing
        if framing is None:
            framing = [("content-length", str(len(self.body)))]
        pairs = [*self.headers, *framing]
        lines = [name.encode() + b": " + as_bytes(value) for name, value in pairs]
        head = self.newline.join([self.line, *lines, b"", b""])
        return self.before + head + (self.body if self.framed is None else self.framed)


def as_bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")
