"""A raw HTTP/1.1 server for what no well-behaved server does; it keeps every request it got.

An answer is a list of steps (`wire`).
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tests.support.tls import TlsConnection
from tests.support.wire import CUT, FIN, RESET, Close, Connection, Part, Step, take

__all__ = ["CUT", "FIN", "RESET", "Close", "Gateway", "Part", "Request", "Step", "swallowing"]


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
                    if not take(connection, step):
                        break
            finally:
                with self._changed:
                    self._answering -= 1
                    self._changed.notify_all()


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
