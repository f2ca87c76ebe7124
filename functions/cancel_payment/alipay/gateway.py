"""One signed call of Alipay+, and what its answer proves.

Source: docs.alipayplus.com/alipayplus/alipayplus/api_acq/cancel_payment. One attempt puts at
most one request on the wire: an immediate repeat would break the interval of 5 to 10 seconds
between attempts.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import httpx

from cancel_payment.alipay import answer, signing
from cancel_payment.alipay.addresses import Addresses
from cancel_payment.alipay.answer import Exchange
from cancel_payment.alipay.credentials import Credentials
from cancel_payment.alipay.payment import Payment
from cancel_payment.alipay.result import Result, no_answer, not_sent, not_signed, unproven
from cancel_payment.alipay.tls import tls_context
from cancel_payment.alipay.transport import AnswerTooLongError, Transport
from cancel_payment.clock import UTC_PLUS_8, Clock, Deadline

type Permit = Callable[[Literal["sign", "send"]], str | None]
"""Asked immediately before each of the two: why the call may not be made any more."""

_HEADERS: Final = {
    "User-Agent": f"python-httpx/{httpx.__version__}",
    "Content-Type": "application/json; charset=UTF-8",
    # The signature is over the raw bytes, and nothing that unpacks itself is wanted.
    "Accept-Encoding": "identity",
    "Accept": "application/json",
}

# httpx checks every character of a URL: a twentieth of a call.
_url = lru_cache(httpx.URL)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class _Connection:
    client: httpx.Client
    transport: Transport


class Gateway:
    """Alipay+ at one URL. Safe to use from many threads: each has a client of its own.

    One pooled client would collapse under a hundred concurrent calls, since httpcore rescans its
    pool for each of them (13 times as slow, measured).
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._base = url
        self._clock = clock
        parsed = httpx.URL(url)
        self._host = parsed.netloc.decode()
        self._addresses = Addresses(parsed, tls_context(), clock)
        self._thread = threading.local()

    def cancel(
        self, payment: Payment, credentials: Credentials, deadline: Deadline, permit: Permit
    ) -> Result:
        """Ask Alipay+ to cancel `payment`, and read what the answer proves.

        Parameters
        ----------
        deadline
            Of the whole call, from looking the host up to the last byte of the answer.

        Returns
        -------
        Result
            Whatever a network, a gateway or a signer may do; what else is raised is a fault of
            this program.
        """
        body = _encode(payment.parameters).encode()
        return self._call(signing.CANCEL_PAYMENT_PATH, body, credentials, deadline, permit)

    def _call(
        self, path: str, body: bytes, credentials: Credentials, deadline: Deadline, permit: Permit
    ) -> Result:
        connection = self._connection()
        try:
            # Whatever has to be waited for comes before the signature and its time.
            connection.transport.open(deadline)
            if refusal := permit("sign"):
                return not_sent(refusal)
            request_time = self._clock.now().astimezone(UTC_PLUS_8).isoformat(timespec="seconds")
            content = signing.signed_content(path, credentials.client_id, request_time, body)
            try:
                signature = credentials.signer.sign(content)
            except Exception as error:
                # Text of an error may hold what was to be signed, or the key.
                return not_signed(f"no signature: {type(error).__name__}")
            if refusal := permit("send"):
                return not_sent(refusal)
            request = httpx.Request(
                "POST",
                _url(self._base + path),
                headers=self._headers(body, request_time, signature, credentials),
                # As `content`, the body would have httpx put the headers together three times.
                stream=httpx.ByteStream(body),
                extensions={"deadline": deadline},
            )
            response = connection.client.send(request)
        except AnswerTooLongError as error:
            return unproven(str(error))
        except httpx.HTTPError as error:
            return no_answer(f"{type(error).__name__}: {error}")
        exchange = Exchange(
            path=path,
            request_time=request_time,
            request=body,
            status=response.status_code,
            headers=response.headers,
            response=response.content,
        )
        return answer.read(exchange, credentials)

    def _headers(
        self, body: bytes, request_time: str, signature: bytes, credentials: Credentials
    ) -> Mapping[str, str]:
        headers = {
            "Host": self._host,
            "Content-Length": str(len(body)),
            **_HEADERS,
            "Client-Id": credentials.client_id,
            "Request-Time": request_time,
            "Signature": signing.signature_header(signature, credentials.key_version),
        }
        if credentials.agent_token is not None:
            headers["Agent-Token"] = credentials.agent_token
        return headers

    def _connection(self) -> _Connection:
        held: _Connection | None = getattr(self._thread, "connection", None)
        if held is None:
            transport = Transport(self._addresses, self._clock)
            # The transport bounds the call, and httpx nothing beside it.
            client = _Client(transport=transport, trust_env=False, timeout=None)
            held = self._thread.connection = _Connection(client, transport)
        return held


class _NoCookies(httpx.Cookies):
    """Stays empty: none comes through, and to look for them takes a twentieth of a call."""

    def extract_cookies(self, response: httpx.Response) -> None:
        pass


class _Client(httpx.Client):
    cookies = _NoCookies()  # type: ignore[override]  # httpx itself never sets it
