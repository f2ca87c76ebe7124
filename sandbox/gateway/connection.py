"""The one place where the stand-in goes below ASGI, for what ASGI has no words for.

An ASGI application can neither hang up without an answer, nor reset a connection, nor break off
in the middle of one, nor send a head in pieces. `TransportH11Protocol` therefore puts the
transport of the connection into the request's `state`; `Connection` uses it. Once it has written
by itself, the connection is closed and never used again: the HTTP state machine above knows
nothing of those bytes.
"""

import asyncio
import http
import socket
import struct
from typing import cast

from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_LINGER_ZERO = struct.pack("ii", 1, 0)


class TransportH11Protocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, with `state["transport"]` in the scope of each request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Connection:
    """The connection on which one request came."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._transport: asyncio.Transport = scope["state"]["transport"]
        self._receive = receive
        self._send = send

    @property
    def gone(self) -> bool:
        """Whether the client has left, or the connection was closed from here."""
        return self._transport.is_closing()

    async def read_body(self) -> bytes | None:
        """Return the request's body, or nothing if the client leaves while sending it."""
        body, more = b"", True
        while more:
            message: Message = await self._receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
        return body

    async def start(self, status: int, headers: list[tuple[str, str]]) -> None:
        """Send the head of an answer by ASGI."""
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

    async def body(self, data: bytes, *, more: bool = False) -> None:
        """Send a part of an answer's body by ASGI."""
        await self._send({"type": "http.response.body", "body": data, "more_body": more})

    def write(self, data: bytes) -> None:
        """Write bytes past ASGI; the connection must be closed afterwards."""
        self._transport.write(data)

    async def left(self) -> None:
        """Wait until the client has left or the connection is closed."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def close(self) -> None:
        """Send what is written, then hang up in the middle of whatever was said."""
        self._transport.close()
        await self.left()

    async def drop(self) -> None:
        """Hang up now; all was read, so the client sees an end and no reset."""
        self._transport.abort()
        await self.left()

    async def reset(self) -> None:
        """Hang up so that the client sees a TCP reset."""
        self._transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO
        )
        await self.drop()


def head(status: int, headers: list[tuple[str, str]]) -> bytes:
    """Write the head of an answer as it stands on the wire."""
    lines = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
