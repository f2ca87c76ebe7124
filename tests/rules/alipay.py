"""Alipay+ for the tests: a raw server on loopback that answers each payment as a test says.

It sends bytes, so that an answer can be as broken as a network makes it; and it holds every
request against protocol.md, so that no test passes with a request that Alipay+ would refuse.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tests.rules import keys
from tests.rules.answers import Reply, Then

_DRIP_SECONDS = 0.05
_LONGEST_HOLD_SECONDS = 5.0
_RESET = struct.pack("ii", 1, 0)  # linger for no time at all: a close becomes a reset


@dataclass(frozen=True, slots=True)
class Call:
    """One request that arrived."""

    head: str
    headers: dict[str, str]
    body: bytes

    @property
    def parameters(self) -> dict[str, str]:
        return json.loads(self.body)  # type: ignore[no-any-return]

    @property
    def payment(self) -> str:
        return next(iter(self.parameters.values()))


class Alipay:
    """The server; `answer` is called on a thread of each connection."""

    def __init__(self) -> None:
        self.answer: Callable[[Call], Reply] = lambda call: Reply(b"", Then.CLOSE)
        self.calls: list[Call] = []
        self.faults: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def expect(self, answer: Callable[[Call], Reply]) -> None:
        """From now on answer so; forget what has been."""
        self.answer = answer
        self.calls.clear()
        self.faults.clear()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                call = _read(connection)
                self.calls.append(call)
                self.faults += _faults(call)
                _deliver(self.answer(call), connection)
            except OSError:
                return  # the client has left


def _read(connection: socket.socket) -> Call:
    received = b""
    while b"\r\n\r\n" not in received:
        if not (more := connection.recv(65536)):
            raise OSError("the client has left")
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65536)
    return Call(first, headers, body)


def _deliver(reply: Reply, connection: socket.socket) -> None:
    if reply.drip:
        for position in range(len(reply.raw)):
            connection.sendall(reply.raw[position : position + 1])
            threading.Event().wait(_DRIP_SECONDS)
    else:
        connection.sendall(reply.raw)
    if reply.then is Then.RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    if reply.then is Then.HOLD:
        connection.settimeout(_LONGEST_HOLD_SECONDS)
        connection.recv(1)


def _faults(call: Call) -> list[str]:
    """What Alipay+ would object to. Source: protocol.md, "The call", "Headers" and "Signing"."""
    client_id, time = call.headers.get("client-id", ""), call.headers.get("request-time", "")
    moment = datetime.fromisoformat(time)
    objections = {
        "method or path": call.head != f"POST {keys.PATH} HTTP/1.1",
        "client id": client_id != keys.CLIENT_ID,
        "time without the offset +08:00": not time.endswith("+08:00") or moment.tzinfo is None,
        "media type": call.headers.get("content-type") != "application/json; charset=UTF-8",
        "signature": not keys.is_signed_by_us(
            call.headers.get("signature", ""), keys.content(client_id, time, call.body)
        ),
        "parameters": not call.parameters
        or not call.parameters.keys() <= {"paymentRequestId", "paymentId"}
        or not all(isinstance(one, str) and one for one in call.parameters.values()),
    }
    return [f"{call.body!r}: {name}" for name, objected in objections.items() if objected]
