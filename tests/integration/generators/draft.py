"""An answer before it is written, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field

type Header = tuple[str, str | bytes]


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
