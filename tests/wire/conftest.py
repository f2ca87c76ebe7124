"""A `Gateway` for each test, raw peers to call, and Alipay+'s hand to sign with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cancel_payment.credentials import Credentials, parse_secret
from cancel_payment.gateway import Gateway
from cancel_payment.payment import Payment

from tests.conftest import KeyPair
from tests.wire.peer import Peer, Received, Signer, Step

SUCCESS = b'{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}'

type MakePeer = Callable[..., Peer]


def now() -> datetime:
    return datetime.now(UTC)


def gateway_at(url: str, timeout: float = 8, clock: Callable[[], datetime] = now) -> Gateway:
    return Gateway(url, timedelta(seconds=timeout), clock)


def payment(request_id: str | None = "P1", payment_id: str | None = None) -> Payment:
    return Payment(request_id, payment_id, "2026-11-22T12:00:00+08:00")


@pytest.fixture(autouse=True)
def _closed_afterwards(close_connections: None) -> None:
    pass


@pytest.fixture(scope="session")
def credentials(secret: dict[str, Any]) -> Credentials:
    """What the raw peers are called with; the stand-in has keys of its own."""
    return parse_secret(json.dumps({k: v for k, v in secret.items() if k != "agentToken"}))


@pytest.fixture(scope="session")
def signer(theirs: KeyPair, secret: dict[str, Any]) -> Signer:
    return Signer(theirs.private, secret["clientId"])


@pytest.fixture
def peer() -> Iterator[MakePeer]:
    """Start a peer that gives each request the same answer, or calls a function for it."""
    with ExitStack() as stack:

        def start(
            answer: Iterable[Step] | Callable[[Received], Iterable[Step]], **options: Any
        ) -> Peer:
            steps = answer if callable(answer) else lambda _, fixed=list(answer): fixed
            return stack.enter_context(Peer(steps, **options))

        yield start
