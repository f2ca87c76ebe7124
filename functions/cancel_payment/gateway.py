"""One signed cancelPayment call, and what its answer proves.

Source: docs.alipayplus.com/alipayplus/alipayplus/api_acq/cancel_payment. One attempt puts at
most one request on the wire: an immediate repeat would break the interval of 5 to 10 seconds
between attempts.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx

from cancel_payment import proof, result, signing
from cancel_payment.credentials import Credentials
from cancel_payment.model import Result
from cancel_payment.payment import Payment
from cancel_payment.transport import DeadlineTransport, tls_context
from cancel_payment.window import UTC_PLUS_8

MAX_ANSWER_BYTES: Final = 64 * 1024

# Servers close idle connections, and an execution environment that was frozen did not see it. A
# connection idle for longer than this is not trusted; a new one costs two or three round trips.
_MAX_IDLE_SECONDS: Final = 4.0

_HEADERS: Final = {
    "User-Agent": f"python-httpx/{httpx.__version__}",
    "Content-Type": "application/json; charset=UTF-8",
    # The signature is over the raw bytes, and nothing that unpacks itself is wanted.
    "Accept-Encoding": "identity",
    "Accept": "application/json",
}

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class _Connection:
    client: httpx.Client
    transport: DeadlineTransport
    used_at: float


class Gateway:
    """Alipay+ at one URL. Safe to use from many threads: each has a client of its own.

    One pooled client would collapse under a hundred concurrent calls, since httpcore rescans its
    pool for each of them (13 times as slow, measured). `transport` replaces a connection that has
    ended; one that has been idle for too long is replaced here, with its client.

    Parameters
    ----------
    timeout
        The whole time of one call, from connecting to the last byte.
    clock
        The wall clock, for ``Request-Time``.
    """

    def __init__(self, url: str, timeout: timedelta, clock: Callable[[], datetime]) -> None:
        self._url = httpx.URL(url + signing.CANCEL_PAYMENT_PATH)
        self._host = self._url.netloc.decode()
        self._timeout = timeout.total_seconds()
        self._clock = clock
        self._tls = tls_context()
        self._thread = threading.local()

    def cancel(self, payment: Payment, credentials: Credentials) -> Result:
        """Ask Alipay+ to cancel `payment`, and read what the answer proves. Never raises for
        what a network or a gateway may do."""
        # Serialised once: these bytes are signed, and these bytes are sent.
        body = _encode(payment.parameters).encode()
        connection = self._connection()
        connection.transport.start(self._timeout)
        try:
            # As `content`, the body would have httpx put the headers together three times.
            request = httpx.Request(
                "POST",
                self._url,
                headers=self._headers(body, credentials),
                stream=httpx.ByteStream(body),
            )
            with closing(connection.client.send(request, stream=True)) as response:
                answer = _read(response)
        except httpx.TimeoutException:
            return result.no_answer(f"no whole answer within {self._timeout:g} s")
        except httpx.HTTPError as error:
            # What follows a colon may quote what the other side sent: our own headers, it may be.
            text = str(error).partition(":")[0]
            return result.no_answer(f"{type(error).__name__}: {text}"[:200])
        finally:
            connection.used_at = time.time()
        if answer is None:
            return result.unproven(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
        return proof.read(response.status_code, response.headers, answer, credentials)

    def _headers(self, body: bytes, credentials: Credentials) -> dict[str, str]:
        request_time = self._clock().astimezone(UTC_PLUS_8).isoformat(timespec="seconds")
        content = signing.signed_content(credentials.client_id, request_time, body)
        headers = {
            "Host": self._host,
            "Content-Length": str(len(body)),
            **_HEADERS,
            "Client-Id": credentials.client_id,
            "Request-Time": request_time,
            "Signature": signing.sign(content, credentials.private_key, credentials.key_version),
        }
        if credentials.agent_token is not None:
            headers["Agent-Token"] = credentials.agent_token
        return headers

    def _connection(self) -> _Connection:
        held: _Connection | None = getattr(self._thread, "connection", None)
        # The wall clock: a frozen environment's monotonic clock may stand still.
        if held is not None and 0 <= time.time() - held.used_at <= _MAX_IDLE_SECONDS:
            return held
        if held is not None:
            held.client.close()
        transport = DeadlineTransport(self._url, self._tls)
        # The transport bounds the call, and httpx nothing beside it.
        client = _Client(transport=transport, trust_env=False, timeout=None)
        self._thread.connection = _Connection(client, transport, time.time())
        return self._thread.connection  # type: ignore[no-any-return]


class _NoCookies(httpx.Cookies):
    """Stays empty: what one answer sets, proven or not, never reaches another call."""

    def extract_cookies(self, response: httpx.Response) -> None:
        pass


class _Client(httpx.Client):
    cookies = _NoCookies()  # type: ignore[override]  # httpx itself never sets it


def _read(response: httpx.Response) -> bytes | None:
    """The raw bytes of the answer; ``None`` if there are more than may be read."""
    answer = bytearray()
    for chunk in response.iter_raw():
        answer += chunk
        if len(answer) > MAX_ANSWER_BYTES:
            return None
    return bytes(answer)
