"""Builders for the pure parts: each value as a test means it, everything else plain."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from cancel_payment.payment import CancelRequest, Payment

UTC_8 = timezone(timedelta(hours=8))
CREATED = "2026-11-22T11:59:00+08:00"
FIRST = datetime(2026, 11, 22, 12, 0, tzinfo=UTC_8)
CUTOFF = datetime(2026, 11, 23, 0, 15, tzinfo=UTC_8)

type Jitter = Callable[[timedelta, timedelta], timedelta]


def shortest(least: timedelta, most: timedelta) -> timedelta:
    return least


def longest(least: timedelta, most: timedelta) -> timedelta:
    return most


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def a_request(**fields: Any) -> CancelRequest:
    """An untracked first attempt at noon, unless `fields` say otherwise."""
    plain: dict[str, Any] = {
        "message_id": "message-1",
        "receipt_handle": "receipt-1",
        "body": "{}",
        "payment": Payment("P1", None, CREATED),
        "attempt": 1,
        "first_attempt_at": FIRST,
        "cutoff_at": CUTOFF,
        "task_token": None,
    }
    return CancelRequest(**(plain | fields))


def a_record(body: object, receive_count: int = 1, first_ms: int = 1_795_320_000_000) -> Any:
    """An SQS record; a body that is no string is written as JSON."""
    return {
        "messageId": "message-1",
        "receiptHandle": "receipt-1",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": str(receive_count),
            "ApproximateFirstReceiveTimestamp": str(first_ms),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }
