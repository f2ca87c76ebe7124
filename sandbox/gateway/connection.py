"""HTTP/1.1 for a server that may break every rule of it: h11 over the streams of asyncio.

What is well-behaved goes through h11's state machine. Everything else is written as raw bytes, or
done to the transport, and the connection is never used again.
"""

import asyncio
import contextlib
import http
import socket
import struct
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import parse_qsl

import h11

from sandbox.gateway import clock

# Longer than clients keep an idle connection, so that they and not the stand-in close it.
KEEP_ALIVE_SECONDS = 75
_LINGER_ZERO = struct.pack("ii", 1, 0)
type Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came: nothing decoded, nothing trusted; names of headers in lower case."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes

    def values(self, name: str) -> list[str]:
        """Return all values of the header of that lower-case name."""
        return [value for header, value in self.headers if header == name]

    @property
    def parameters(self) -> dict[str, str]:
        """The query, as names and values; of a name given twice the last value."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


class Connection:
    """One connection of a client: its requests, and whatever is to be done with it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)
        self._method = b""

    @property
    def gone(self) -> bool:
        """Whether the client has left, or the connection was closed from here."""
        return self._reader.at_eof() or self._writer.is_closing()

    @property
    def origin(self) -> str:
        """The stand-in's URL under its other name."""
        scheme = "https" if self._writer.get_extra_info("sslcontext") else "http"
        return f"{scheme}://localhost:{self._writer.get_extra_info('sockname')[1]}"

    async def requests(self) -> AsyncIterator[Received]:
        """The requests that come, each once its body is there, until either side has had enough."""
        try:
            while not self._writer.is_closing():
                request = await self._next_request()
                if request is None:
                    break
                yield request
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    break
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as fault:
            if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                await self.answer(fault.error_status_hint, [("connection", "close")], b"")
        finally:
            self._writer.close()

    async def _next_request(self) -> Received | None:
        head: h11.Request | None = None
        body = b""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    await self._send(h11.InformationalResponse(status_code=100, headers=[]))
                self._http.receive_data(await self._read())
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and head:
                return self._received(head, body)
            else:
                return None

    def _received(self, head: h11.Request, body: bytes) -> Received:
        self._method = head.method
        path, _, query = head.target.decode("latin-1").partition("?")
        headers = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers
        ]
        return Received(head.method.decode("latin-1"), path, query, headers, body)

    async def _read(self) -> bytes:
        with contextlib.suppress(TimeoutError, ConnectionError):
            return await asyncio.wait_for(self._reader.read(65_536), KEEP_ALIVE_SECONDS)
        return b""

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a whole answer."""
        await self.start(status, [*headers, ("content-length", str(len(body)))])
        await self.body(body)

    async def start(self, status: int, headers: Headers) -> None:
        """Send the head of an answer; without a length its body comes in chunks."""
        dated = [("date", formatdate(clock.now().timestamp(), usegmt=True)), *headers]
        await self._send(h11.Response(status_code=status, headers=dated))

    async def body(self, data: bytes, *, more: bool = False) -> None:
        """Send a part of an answer's body, or nothing of it where the request was HEAD."""
        part = h11.Data(data=b"" if self._method == b"HEAD" else data)
        await self._send(part, *([] if more else [h11.EndOfMessage()]))

    async def _send(self, *events: h11.Event) -> None:
        await self.write(*(self._http.send(event) or b"" for event in events))

    async def write(self, *parts: bytes) -> None:
        """Write bytes as they are; where they are no part of an answer, close it afterwards."""
        if not self.gone:
            # Who has left meanwhile is seen by `gone`.
            with contextlib.suppress(ConnectionError):
                self._writer.write(b"".join(parts))
                await self._writer.drain()

    async def left(self) -> None:
        """Wait until the client has left or the connection is closed."""
        with contextlib.suppress(ConnectionError):
            while await self._reader.read(65_536):
                pass

    def close(self) -> None:
        """Send what is written, then hang up in the middle of whatever was said."""
        self._writer.close()

    def drop(self) -> None:
        """Hang up now; all was read, so the client sees an end and no reset."""
        self._writer.transport.abort()

    def reset(self) -> None:
        """Hang up so that the client sees a TCP reset."""
        plain = self._writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self.drop()


def head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """Write the head of an answer as it stands on the wire."""
    lines = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
