"""One deadline over a whole call, held against every socket operation.

httpx bounds each operation on its own, so a peer that drips one byte a second never times out:
not in the body, and not in the head, which no caller can interrupt. Here each operation gets
what is left of the call's own time instead.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx


class DeadlineTransport(httpx.HTTPTransport):
    """An httpx transport for one thread, one host and one connection.

    Limitations
    -----------
    The look-up of a host name takes what the system's resolver takes; the batch's own bound
    stands behind this one (`attempts`). httpx has no public way to set the network backend: the
    pinned version and a test with a dripping server guard the one private attribute used here.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False, limits=httpx.Limits(max_connections=1))
        self._backend = _DeadlineBackend()
        assert isinstance(self._pool, httpcore.ConnectionPool)
        self._pool._network_backend = self._backend

    def start(self, seconds: float) -> None:
        """From now on, and until the next start, all operations share `seconds`."""
        self._backend.ends_at = time.monotonic() + seconds


class _DeadlineBackend(httpcore.SyncBackend):
    ends_at = 0.0

    def left(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the call's whole time is used up")
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = super().connect_tcp(host, port, self.left(), local_address, socket_options)
        return _DeadlineStream(stream, self)


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, backend: _DeadlineBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.left())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._backend.left())
        return _DeadlineStream(stream, self._backend)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
