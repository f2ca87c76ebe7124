"""Builders for the pure parts: each value as a test means it, everything else plain."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cancel_payment.alipay.payment import Payment
from cancel_payment.clock import UTC_PLUS_8
from cancel_payment.model import CancelRequest, Tracking

CREATED = "2026-11-22T11:59:00+08:00"
FIRST = datetime(2026, 11, 22, 12, 0, tzinfo=UTC_PLUS_8)
CUTOFF = datetime(2026, 11, 23, 0, 15, tzinfo=UTC_PLUS_8)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


class HandClock:
    """A clock that a test moves by hand; both of its times move together."""

    def __init__(self) -> None:
        self.time = FIRST

    def wait(self, **duration: float) -> None:
        self.time += timedelta(**duration)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - FIRST).total_seconds()


def a_request(tracking: Tracking | None = None, **fields: Any) -> CancelRequest:
    """A first attempt at noon, unless `fields` say otherwise."""
    plain: dict[str, Any] = {
        "message_id": "message-1",
        "receipt_handle": "receipt-1",
        "body": "{}",
        "payment": Payment("P1", None, CREATED),
        "receives": 1,
        "attempt": 1,
        "first_attempt_at": FIRST,
        "cutoff_at": CUTOFF,
        "tracking": tracking,
    }
    return CancelRequest(**(plain | fields))


class NoSigner:
    """In the place of the private key, which takes 35 ms to validate."""

    def sign(self, content: bytes) -> bytes:
        raise NotImplementedError
