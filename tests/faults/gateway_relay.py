"""A relay between the function and the stand-in: it knows which worker asks for which payment, and
cuts the line, which a gateway cannot by itself.

It changes no byte of what it passes on: what is signed stays what the stand-in has signed.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.faults.workers import Workers

_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_LINGER_ZERO = struct.pack("ii", 1, 0)
_HASTY_SECONDS = 3.0
_SLOW_SECONDS = 0.8


@dataclass(slots=True)
class _Line:
    """One connection of the function, and the request that is on it now."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    pid: int | None
    payment: str = ""
    asked_at: float = 0.0
    answered_at: float | None = None
    cut: bool = False
    upstream: asyncio.StreamWriter | None = field(default=None, repr=False)

    def reset(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self.writer.transport.abort()


class GatewayRelay:
    """Listens on loopback; `upstream` is set once the stand-in is there."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self.upstream = ""
        self.cut = False
        """Whether the gateway hears every request, and the function no answer."""
        self.unheard: dict[str, list[float]] = defaultdict(list)
        """When a payment was asked for, and the function did not get the answer."""
        self.requests = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._listener))
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pid = self.workers.of_port(writer.get_extra_info("peername")[1])
        line = _Line(reader, writer, pid)
        pump: asyncio.Task[None] | None = None
        try:
            while request := await _request(reader):
                self._note(line, request)
                if line.upstream is None:
                    host, _, port = urlsplit(self.upstream).netloc.partition(":")
                    back, line.upstream = await asyncio.open_connection(host, int(port))
                    pump = asyncio.create_task(self._pump(line, back))
                line.upstream.write(request)
                await line.upstream.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._left(line)
            if pump is not None:
                pump.cancel()
            if line.upstream is not None:
                line.upstream.close()
            writer.close()

    def _note(self, line: _Line, request: bytes) -> None:
        self.requests += 1
        fields = json.loads(request.partition(b"\r\n\r\n")[2])
        line.payment = fields.get("paymentRequestId") or fields["paymentId"]
        line.asked_at, line.answered_at, line.cut = time.monotonic(), None, self.cut
        self.workers.note(line.pid, line.payment)

    def _unheard(self, line: _Line) -> None:
        """The function was not to hear the answer: its message may come back."""
        self.workers.explain_one(line.payment)
        self.unheard[line.payment].append(time.time())

    async def _pump(self, line: _Line, back: asyncio.StreamReader) -> None:
        try:
            while data := await back.read(65_536):
                if line.cut:
                    self._unheard(line)
                    line.reset()
                    return
                if line.answered_at is None and time.monotonic() - line.asked_at > _SLOW_SECONDS:
                    # The function may have given it up at the same moment.
                    self._unheard(line)
                line.answered_at = time.monotonic()
                line.writer.write(data)
                await line.writer.drain()
            line.writer.close()
        except OSError:
            line.writer.close()

    def _left(self, line: _Line) -> None:
        """Who hangs up without an answer, or right after one, has not used it."""
        if not line.payment:
            return
        if line.answered_at is None or time.monotonic() - line.answered_at < _HASTY_SECONDS:
            self._unheard(line)


async def _request(reader: asyncio.StreamReader) -> bytes | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    length = _LENGTH.search(head)
    return head + await reader.readexactly(int(length[1]) if length else 0)
