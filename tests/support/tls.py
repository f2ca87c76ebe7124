"""A server's side of TLS whose records can be cut: what is encrypted passes through here."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Any


class TlsConnection:
    """As much of a socket as the raw gateway needs, over a connection that it does not own.

    What was not yet sent of a record leaves before whatever is written next.
    """

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        self._connection = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def handshake(self) -> None:
        while True:
            try:
                return self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                if not self._receive():
                    raise ssl.SSLEOFError from None
            finally:
                self._flush()  # an alert, too

    def recv(self, size: int) -> bytes:
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                if not self._receive():
                    return b""
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def sendall(self, data: bytes) -> None:
        self._tls.write(data)
        self._flush()

    def send_part(self, data: bytes, end: int) -> None:
        """Encrypt all of `data`, and send the records' bytes up to `end`, as a slice counts."""
        self._flush()
        self._tls.write(data)
        count = end if end >= 0 else self._outgoing.pending + end
        self._connection.sendall(self._outgoing.read(count))

    def unwrap(self) -> None:
        """Send the alert by which TLS ends; its answer is not waited for."""
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        self._flush()

    def setsockopt(self, *arguments: Any) -> None:
        self._connection.setsockopt(*arguments)

    def shutdown(self, how: int) -> None:
        self._connection.shutdown(how)

    def close(self) -> None:
        self._connection.close()

    def _receive(self) -> bool:
        got = self._connection.recv(65536)
        self._incoming.write(got)
        return bool(got)

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._connection.sendall(self._outgoing.read())
