"""A raw HTTP/1.1 server for what no well-behaved server does; it keeps every request it got.

An answer is a list of steps. Bytes are sent in one write (one TCP segment, or one TLS record, if
they are short); a tuple is sent in one segment, each of its bytes as a TLS record of its own; a
number is a pause in seconds; a `Part` is the beginning of a TLS record, whose rest is sent before
the connection's next bytes; `FIN`, `CUT` and `RESET` close the connection; a function is called,
and the rest is left out if it says False. The end of the list leaves the connection open for the
next request.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from tests.support.tls import TlsConnection


class Close(Enum):
    """How a step ends the connection."""

    FIN = "in order"
    CUT = "without the alert by which TLS ends"
    RESET = "at once, and what was not yet read is lost"


FIN = Close.FIN
CUT = Close.CUT
RESET = Close.RESET


@dataclass(frozen=True)
class Part:
    """The record of `data`, up to `end` as a slice counts: -1 is all but its last byte.

    Where nothing is encrypted it is these bytes of `data` themselves, and no rest is sent.
    """

    data: bytes
    end: int


type Piece = bytes | Part | Close
type Step = bytes | float | Part | Close | tuple[Piece, ...] | Callable[[], bool]
type Connection = socket.socket | TlsConnection


@dataclass(frozen=True)
class Request:
    """A request as it stood on the wire, its connection's number, and when it was complete.

    `at` is of the monotonic clock; `reads` is how many reads it took, one for each segment.
    """

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int
    at: float
    reads: int = 1

    def values(self, name: str) -> list[str]:
        return [value for header, value in self.headers if header.lower() == name.lower()]

    @property
    def payment(self) -> str:
        """The payment that is to be cancelled, by the first of its ids."""
        return str(next(iter(json.loads(self.body).values())))


@dataclass
class Gateway:
    """Answers every request with the steps that `answer` gives for it, in a thread a connection.

    `answer` may be replaced between two batches. Served on a free port of `host`.
    """

    answer: Callable[[Request], Iterable[Step]]
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    connections: int = 0
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    _open: set[socket.socket] = field(default_factory=set)
    _answering: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> Gateway:
        self._listener = socket.create_server((self.host, 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    @property
    def asked(self) -> list[str]:
        """The payments that were to be cancelled, one for each request, in their order."""
        return [request.payment for request in self.requests]

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def wait_for_requests(self, count: int, seconds: float) -> bool:
        """Whether so many requests have come, at the latest so many seconds from now."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.requests) >= count, seconds)

    def wait_until_answered(self, seconds: float) -> bool:
        """Whether every answer that was begun has ended, at the latest so many seconds from now."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._answering, seconds)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                number = self.connections
                threading.Thread(target=self._serve, args=[connection, number], daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        self._open.add(connection)
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                secured = TlsConnection(connection, self.tls)
                secured.handshake()
                self._answer_all(secured, number)
            else:
                self._answer_all(connection, number)
        self._open.discard(connection)

    def _answer_all(self, connection: Connection, number: int) -> None:
        for request in _requests(connection, number):
            with self._changed:
                self.requests.append(request)
                self._answering += 1
                self._changed.notify_all()
            try:
                for step in self.answer(request):
                    if not _take(connection, step):
                        break
            finally:
                with self._changed:
                    self._answering -= 1
                    self._changed.notify_all()


def _take(connection: Connection, step: Step) -> bool:
    """Whether the next step follows; a connection that is closed ends by its next read."""
    match step:
        case bytes() | Part() | Close():
            _send(connection, step)
        case tuple():
            _in_one_segment(connection, step)
        case float() | int():
            time.sleep(step)
        case _:
            return step()
    return True


def _send(connection: Connection, piece: Piece) -> None:
    match piece:
        case bytes():
            connection.sendall(piece)
        case Close():
            _close(connection, piece)
        case Part(data, end) if isinstance(connection, TlsConnection):
            connection.send_part(data, end)
        case Part(data, end):
            connection.sendall(data[:end])


def _in_one_segment(connection: Connection, pieces: Iterable[Piece]) -> None:
    """Hold the segment back until all is written (where the system can: on Linux)."""
    hold = getattr(socket, "TCP_CORK", None)
    if hold:
        connection.setsockopt(socket.IPPROTO_TCP, hold, 1)
    for piece in pieces:
        _send(connection, piece)
    if hold:
        connection.setsockopt(socket.IPPROTO_TCP, hold, 0)


def _close(connection: Connection, how: Close) -> None:
    if how is RESET:
        # Lingering for no time: what is unsent is dropped and the other side gets an RST.
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()
        return
    if how is FIN and isinstance(connection, TlsConnection):
        connection.unwrap()
    connection.shutdown(socket.SHUT_RDWR)


def _requests(connection: Connection, number: int) -> Iterator[Request]:
    got = b""
    while True:
        reads = 0
        while b"\r\n\r\n" not in got:
            if not (more := connection.recv(65536)):
                return
            got += more
            reads += 1
        head, _, got = got.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        pairs = [one.partition(":") for one in lines]
        headers = [(name, value.strip()) for name, _, value in pairs]
        lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
        length = lengths[0] if lengths else 0
        while len(got) < length:
            if not (more := connection.recv(65536)):
                return
            got += more
            reads += 1
        yield Request(line, headers, got[:length], number, time.monotonic(), reads)
        got = got[length:]


@contextlib.contextmanager
def swallowing(host: str, port: int) -> Iterator[None]:
    """An address that swallows packets: its queue is full, so Linux drops what asks to connect."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex((host, port))
        yield
