"""Builders for the pure parts: each value as a test means it, everything else plain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from cancel_payment.alipay.payment import Payment
from cancel_payment.alipay.result import Evidence, Result, ResultStatus
from cancel_payment.clock import UTC_PLUS_8
from cancel_payment.decision import SlowRetry
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


SLOW: Final = SlowRetry(seconds(60), seconds(900))


def jitter(share: float) -> Callable[[timedelta, timedelta], timedelta]:
    def chosen(least: timedelta, most: timedelta) -> timedelta:
        assert least <= most
        return least + (most - least) * share

    return chosen


def untracked(first: datetime = FIRST) -> CancelRequest:
    return a_request(first_attempt_at=first)


def tracked(first: datetime = FIRST, *, closing: bool = False) -> CancelRequest:
    return a_request(Tracking("token", 3, first, "P1", closing), first_attempt_at=first)


def answered(status: ResultStatus, code: str | None) -> Result:
    return Result(status, Evidence.SIGNED, code)


RESULTS: Final = {
    "S": answered("S", "SUCCESS"),
    "S by an F code": answered("S", "CANCEL_WINDOW_EXCEED"),
    "F window": answered("F", "CANCEL_WINDOW_EXCEED"),
    "F listed": answered("F", "PROCESS_FAIL"),
    "F contradicted": answered("F", "ACCESS_DENIED"),
    "F unlisted": answered("F", "ORDER_STATUS_INVALID"),
    "F by an S code": answered("F", "SUCCESS"),
    "F by a U code": answered("F", "REQUEST_TRAFFIC_EXCEED_LIMIT"),
    "U": answered("U", "UNKNOWN_EXCEPTION"),
    "U contradicted": answered("U", "ACCESS_DENIED"),
    "U by an F code": answered("U", "CANCEL_WINDOW_EXCEED"),
    "U throttled": answered("U", "REQUEST_TRAFFIC_EXCEED_LIMIT"),
    "no answer": Result("U", Evidence.NO_ANSWER),
    "unproven": Result("U", Evidence.UNPROVEN),
    "unproven diagnosis": Result("U", Evidence.UNPROVEN, "INVALID_SIGNATURE"),
    "not sent": Result("U", Evidence.NOT_SENT),
}


SHORTEST, LONGEST = jitter(0), jitter(1)
MICROSECOND = timedelta(microseconds=1)
