"""One connection, and one deadline over a whole call, held against every socket operation.

httpx bounds each operation on its own, so a peer that drips one byte a second never times out:
not in the body, and not in the head, which no caller can interrupt. Here each operation gets
what is left of the call's own time instead.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final

import httpcore
import httpx

_ERRORS: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
)


def tls_context() -> ssl.SSLContext:
    """Whom a call trusts: certificates are always verified, and nothing is older than TLS 1.2.

    It costs 40 ms of CPU, so all connections share one. A private authority can be named by
    ``SSL_CERT_FILE``.
    """
    context = httpx.create_ssl_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class DeadlineTransport(httpx.BaseTransport):
    """An httpx transport for one thread and one URL: a single connection, kept alive.

    It stands on `httpcore.HTTPConnection`, as httpx's own does through a pool, to which nobody
    outside can give a network backend.

    Limitations
    -----------
    The look-up of a host name takes what the system's resolver takes; the batch's own bound
    stands behind this one (`attempts`).
    """

    def __init__(self, url: httpx.URL, context: ssl.SSLContext) -> None:
        self._url = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        self._context = context
        self._network = _DeadlineBackend()
        self._connection: httpcore.HTTPConnection | None = None

    def start(self, seconds: float) -> None:
        """From now on, and until the next start, all operations share `seconds`."""
        self._network.ends_at = time.monotonic() + seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        call = httpcore.Request(
            request.method, self._url, headers=request.headers.raw, content=request.stream
        )
        try:
            answer = self._usable().handle_request(call)
        except _ERRORS as error:
            raise _as_httpx(error) from error
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _usable(self) -> httpcore.HTTPConnection:
        """The kept connection, or a new one where that has ended or the server has closed it."""
        held = self._connection
        if held is not None and not held.is_closed() and not held.has_expired():
            return held
        self.close()
        self._connection = httpcore.HTTPConnection(
            self._url.origin, ssl_context=self._context, network_backend=self._network
        )
        return self._connection


class _Body(httpx.SyncByteStream):
    """The answer's body as it comes, its errors in httpx's terms."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_stream()
        except _ERRORS as error:
            raise _as_httpx(error) from error

    def close(self) -> None:
        self._answer.close()


def _as_httpx(error: Exception) -> httpx.TransportError:
    """httpx's errors bear the names of httpcore's."""
    named: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
    return named(str(error))


class _DeadlineBackend(httpcore.SyncBackend):
    """Sockets that obey the deadline; before the first `start` it has passed already."""

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
    """What is written waits for the next read: head and body leave in one packet, not in two."""

    def __init__(self, stream: httpcore.NetworkStream, backend: _DeadlineBackend) -> None:
        self._stream = stream
        self._backend = backend
        self._unsent = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unsent:
            unsent, self._unsent = self._unsent, b""
            self._stream.write(unsent, self._backend.left())
        return self._stream.read(max_bytes, self._backend.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._unsent += buffer

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
