"""The addresses of the gateway's host: looked up and connected to in time."""

from __future__ import annotations

import socket
import ssl
import threading
from concurrent.futures import Future
from typing import Any

import httpx

from cancel_payment.clock import Clock, Deadline


class Addresses:
    """The addresses of the gateway's host, shared by the connections of all threads.

    The system's resolver knows no deadline, so a thread of its own waits for it, one at a time
    however many calls want its answer. The address that served last comes first.
    """

    def __init__(self, url: httpx.URL, context: ssl.SSLContext, clock: Clock) -> None:
        self._host = url.raw_host.decode()
        self._port = url.port or (443 if url.scheme == "https" else 80)
        self._context = context if url.scheme == "https" else None
        self._clock = clock
        self._lock = threading.Lock()
        self._looking_up: Future[list[Any]] | None = None
        self._served_last: Any = None

    def connect(self, deadline: Deadline) -> socket.socket:
        """A connection, TLS included. Address by address: one that swallows packets leaves time
        for the others.

        Raises
        ------
        httpx.ConnectError, httpx.ConnectTimeout
            No address gives one in time.
        """
        addresses = self._look_up(deadline)
        failed: httpx.TransportError = httpx.ConnectError("the host has no address")
        for tried, address in enumerate(addresses):
            others = len(addresses) - tried - 1
            share = deadline.left() / (others + 2) if others else deadline.left()
            try:
                opened = self._connect_to(address, Deadline(self._clock, share))
            except TimeoutError:
                failed = httpx.ConnectTimeout("not connected in time")
            except OSError as error:
                failed = httpx.ConnectError(f"not connected: {kind_of(error)}")
            else:
                self._served_last = address
                return opened
        raise failed

    def _look_up(self, deadline: Deadline) -> list[Any]:
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
        return sorted(found, key=lambda one: one != self._served_last)

    def _ask(self, answer: Future[list[Any]]) -> None:
        try:
            found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            answer.set_result(list(dict.fromkeys(found)))
        except BaseException as error:
            answer.set_exception(error)

    def _connect_to(self, address: Any, deadline: Deadline) -> socket.socket:
        family, kind, protocol, _, where = address
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(seconds_left(deadline))
            plain.connect(where)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is None:
                return plain
            plain.settimeout(seconds_left(deadline))
            return self._context.wrap_socket(plain, server_hostname=self._host)
        except BaseException:
            plain.close()
            raise


def kind_of(error: Exception) -> str:
    """The kind of an error and what the system says of it, never what the other side sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{type(error).__name__}: {error.verify_message}"
    number = error.errno if isinstance(error, OSError) else None
    return type(error).__name__ if number is None else f"{type(error).__name__} {number}"


def seconds_left(deadline: Deadline) -> float:
    """For a socket's timeout.

    Raises
    ------
    TimeoutError
        None are left.
    """
    left = deadline.left()
    if left <= 0:
        raise TimeoutError
    return left
