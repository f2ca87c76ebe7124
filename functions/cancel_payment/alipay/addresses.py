"""The addresses of the gateway's host, and what may be said of an error of the network."""

from __future__ import annotations

import socket
import ssl
import threading
from concurrent.futures import Future
from typing import Any

import httpx

from cancel_payment.clock import Deadline


class Addresses:
    """The addresses of the gateway's host, shared by the connections of all threads.

    The system's resolver knows no deadline, so a thread of its own waits for it, one at a time
    however many calls want its answer. The address that served last comes first.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._lock = threading.Lock()
        self._looking_up: Future[list[Any]] | None = None
        self.served_last: Any = None

    def look_up(self, deadline: Deadline) -> list[Any]:
        """Entries as of ``socket.getaddrinfo``."""
        with self._lock:
            if self._looking_up is None or self._looking_up.done():
                self._looking_up = Future()
                threading.Thread(target=self._ask, args=[self._looking_up], daemon=True).start()
            looking_up = self._looking_up
        try:
            found = looking_up.result(deadline.left())
        except TimeoutError:
            raise httpx.ConnectTimeout("the host was not looked up in time") from None
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"the host cannot be looked up: {kind_of(error)}") from error
        return sorted(found, key=lambda one: one != self.served_last)

    def _ask(self, answer: Future[list[Any]]) -> None:
        try:
            found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            answer.set_result(list(dict.fromkeys(found)))
        except BaseException as error:
            answer.set_exception(error)


def kind_of(error: Exception) -> str:
    """The kind of an error and what the system says of it, never what the other side sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{type(error).__name__}: {error.verify_message}"
    number = error.errno if isinstance(error, OSError) else None
    return type(error).__name__ if number is None else f"{type(error).__name__} {number}"
