"""A raw HTTP/1.1 server for what no well-behaved stand-in does; it shows every byte it got.

An answer is a list of steps: bytes are sent, a number is a pause in seconds, and the end of the
list leaves the connection open for the next request, unless the last step is `HANG_UP`.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

HANG_UP = None
CONTENT = "POST /aps/api/v1/payments/cancelPayment\n{client_id}.{time}."

type Step = bytes | float | None


@dataclass(frozen=True)
class Received:
    """A request as it stood on the wire."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for header, value in self.headers if header.lower() == name.lower()]


@dataclass
class Peer:
    """Counts connections and requests while it answers."""

    answer: Callable[[Received], Iterable[Step]]
    tls: ssl.SSLContext | None = None
    connections: int = 0
    requests: list[Received] = field(default_factory=list)
    url: str = ""
    _open: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> Peer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if self.tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                self.connections += 1
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in _requests(connection):
                self.requests.append(request)
                for step in self.answer(request):
                    if step is HANG_UP:
                        connection.shutdown(socket.SHUT_RDWR)
                        return
                    if isinstance(step, bytes):
                        connection.sendall(step)
                    else:
                        time.sleep(step)


def _requests(connection: socket.socket) -> Iterator[Received]:
    got = b""
    while True:
        while b"\r\n\r\n" not in got:
            if not (more := connection.recv(65536)):
                return
            got += more
        head, _, got = got.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        headers = [
            (name, value.strip()) for name, _, value in (one.partition(":") for one in lines)
        ]
        length = next(int(value) for name, value in headers if name.lower() == "content-length")
        while len(got) < length:
            got += connection.recv(65536)
        yield Received(line, headers, got[:length])
        got = got[length:]


def signature_header(key: Any, content: bytes, version: str = "1") -> str:
    text = quote(base64.b64encode(key.sign(content, PKCS1v15(), SHA256())), safe="")
    return f"algorithm=RSA256,keyVersion={version},signature={text}"


@dataclass(frozen=True)
class Signer:
    """Alipay+'s hand: answers signed for one client, each part of them replaceable."""

    key: Any
    client_id: str

    def answer(
        self, body: bytes, *, status: int = 200, without: str = "", **headers: str
    ) -> list[Step]:
        response_time = headers.pop("response_time", "2026-11-22T12:00:00+08:00")
        content = CONTENT.format(client_id=self.client_id, time=response_time).encode() + body
        fields = {
            "client-id": self.client_id,
            "response-time": response_time,
            "signature": signature_header(self.key, content),
            "content-type": "application/json; charset=UTF-8",
            "content-length": str(len(body)),
        } | headers
        lines = [f"{name}: {value}" for name, value in fields.items() if name != without]
        return ["\r\n".join([f"HTTP/1.1 {status} -", *lines, "", ""]).encode() + body]
