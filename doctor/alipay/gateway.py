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
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

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
    step = "DNS"
    with ExitStack() as opened:
        try:
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            step = "TCP"
            connection = opened.enter_context(socket.create_connection((host, port), timeout))
            tls = None
            if parts.scheme == "https":
                step = "TLS"
                connection = opened.enter_context(
                    tls_context().wrap_socket(connection, server_hostname=host)
                )
                last_day = (connection.getpeercert() or {}).get("notAfter", "unknown")
                tls = (connection.version() or "", str(last_day))
            step = "HTTP"
            http = HTTPConnection(host, port)
            http.sock = connection
            began = time.time()
            http.request("HEAD", "/", headers={"User-Agent": "cancel-payment-doctor"})
            answer = http.getresponse()
        except (OSError, HTTPException) as error:
            return Failure(step, *_failure(step, f"{host} port {port}", error))
        at = (began + time.time()) / 2
        return Answer(answer.status, tls, answer.headers["Date"], answer.headers["Age"], at)


def _failure(step: str, place: str, error: Exception) -> tuple[str, str]:
    """The fact, and what to do about it."""
    said = getattr(error, "strerror", None) or type(error).__name__
    if step == "DNS":
        return f"{place}: the name cannot be resolved", "correct GatewayUrl, or this machine's DNS"
    if step == "TCP":
        return (
            f"no connection to {place} ({said})",
            "correct GatewayUrl, open the way out (firewall, NAT), or ask Alipay+ whether it is up",
        )
    if step == "HTTP":
        return f"{place} does not speak HTTP ({said})", "correct GatewayUrl, or ask Alipay+"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {place} is not accepted: {error.verify_message}",
            "send no payment there before it is explained. The name must be Alipay+'s; where your "
            "company inspects TLS, take this host out. Verification cannot be switched off",
        )
    if "PROTOCOL" in (reason := getattr(error, "reason", None) or said):
        return f"{place} speaks no TLS 1.2 or later", "ask Alipay+; nothing older is used"
    return f"{place} does not speak TLS ({reason})", "correct the port in GatewayUrl"


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
