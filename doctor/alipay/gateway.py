"""One request that cannot cancel anything, step by step: DNS, TCP, TLS, HTTP.

It is `HEAD /`: another method on another path than a cancel has. It trusts whom the function
trusts, by the function's own context, and uses no proxy, as the function does not. It sees the way
from this machine; the function's own way out may differ.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit

from cancel_payment.alipay.tls import tls_context

from doctor.aws import is_loopback
from doctor.finding import Finding
from doctor.stack import Stack

SUBJECT = "gateway"
TIMEOUT_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The gateway answered.

    Attributes
    ----------
    tls
        Version of TLS and the certificate's last day; None where plain HTTP is spoken.
    date, age
        The headers, as they came; None where there is none.
    at
        This machine's clock, in seconds, halfway between question and answer.
    """

    status: int
    tls: tuple[str, str] | None
    date: str | None
    age: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Failure:
    """The step at which it ended, and what to do there."""

    step: str
    fact: str
    action: str


def ask(url: str, timeout: float = TIMEOUT_SECONDS) -> Answer | Failure:
    """Send `HEAD /`; every failure of the network is returned, none raised."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return Failure(
            "DNS",
            f"the name {host} cannot be resolved ({error.strerror})",
            "correct GatewayUrl, or this machine's DNS",
        )
    try:
        connection = socket.create_connection((host, port), timeout)
    except OSError as error:
        return Failure(
            "TCP",
            f"no connection to {host} port {port} ({error.strerror or 'no answer in time'})",
            "correct GatewayUrl, open the way out (firewall, NAT), or ask Alipay+ whether it is up",
        )
    with connection:
        if parts.scheme == "http":
            return _head(connection, parts, None)
        try:
            secured = tls_context().wrap_socket(connection, server_hostname=host)
        except OSError as error:
            return Failure("TLS", *_tls_failure(host, error))
        with secured:
            last_day = str((secured.getpeercert() or {}).get("notAfter", "unknown"))
            return _head(secured, parts, (secured.version() or "", last_day))


def _head(
    connection: socket.socket, parts: SplitResult, tls: tuple[str, str] | None
) -> Answer | Failure:
    http = HTTPConnection(parts.hostname or "", parts.port)
    http.sock = connection
    began = time.time()
    try:
        http.request("HEAD", "/", headers={"User-Agent": "cancel-payment-doctor"})
        answer = http.getresponse()
    except (OSError, HTTPException) as error:
        return Failure(
            "HTTP",
            f"{parts.hostname} does not speak HTTP there ({type(error).__name__})",
            "correct GatewayUrl; if it is right, ask Alipay+",
        )
    at = (began + time.time()) / 2
    return Answer(answer.status, tls, answer.headers["Date"], answer.headers["Age"], at)


def _tls_failure(host: str, error: OSError) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {host} is not accepted: {error.verify_message}",
            "send no payment there before it is explained. The name must be Alipay+'s; where your "
            "company inspects TLS, take this host out. Verification cannot be switched off",
        )
    reason = getattr(error, "reason", None) or type(error).__name__
    if "PROTOCOL_VERSION" in reason or "UNSUPPORTED_PROTOCOL" in reason:
        return f"{host} speaks no TLS 1.2 or later", "ask Alipay+; nothing older is used"
    return f"{host} does not speak TLS there ({reason})", "correct the port in GatewayUrl"


def judge(answer: Answer | Failure, url: str, stack: Stack) -> Iterator[Finding]:
    host = urlsplit(url).hostname or ""
    if is_loopback(host) and not stack.emulated:
        yield Finding.wrong(
            SUBJECT,
            f"{url} is this machine; from AWS nothing answers there",
            "deploy with the GatewayUrl that the developer centre shows",
        )
    elif isinstance(answer, Failure):
        yield Finding.wrong(f"{SUBJECT} {answer.step}", answer.fact, answer.action)
    elif answer.status >= 500:
        yield Finding.warning(
            SUBJECT,
            f"{host} answers HEAD / with HTTP {answer.status}",
            "ask again; if it stays, the runbook's section on a gateway that is down applies",
        )
    elif answer.tls:
        version, last_day = answer.tls
        fact = f"{host} answers (HTTP {answer.status}), {version}, certificate until {last_day}"
        yield Finding.ok(SUBJECT, fact)
    else:
        yield Finding.ok(SUBJECT, f"{url} answers (HTTP {answer.status})")
        yield Finding.info(SUBJECT, "plain HTTP to this machine: there is no certificate to verify")
