"""SQS records as the event source sends them, around payments whose window is open."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

type Record = dict[str, Any]

QUEUE_ARN = "arn:aws:sqs:ap-southeast-1:123456789012:payment-timeouts"


def ago(**duration: float) -> datetime:
    return datetime.now(UTC) - timedelta(**duration)


def message(payment_request_id: str, **fields: Any) -> dict[str, Any]:
    """A message about a payment that was initiated now: its window is open for 15 minutes."""
    created = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {"paymentRequestId": payment_request_id, "paymentCreateTime": created} | fields


def closed(payment_request_id: str, **fields: Any) -> dict[str, Any]:
    """A message about a payment whose window closed long ago."""
    created = "2026-01-05T12:00:00+08:00"
    return message(payment_request_id, paymentCreateTime=created, **fields)


def tracked(
    fields: dict[str, Any],
    token: str = "token-1",
    attempts: int = 12,
    first_attempt_at: datetime | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The message as the tracker puts it back on the queue; `more` of ``tracking``."""
    first = (first_attempt_at or ago(minutes=2)).isoformat()
    tracking = {"taskToken": token, "attempts": attempts, "firstAttemptAt": first}
    return fields | {"tracking": tracking | more}


def record(body: object, receive_count: int = 1, first_received: datetime | None = None) -> Record:
    """One record of a batch; a body that is no string is written as JSON."""
    first = (first_received or ago(milliseconds=20)).timestamp()
    return {
        "messageId": str(uuid4()),
        "receiptHandle": f"receipt-{uuid4()}",
        "body": body if isinstance(body, str) else json.dumps(body, ensure_ascii=False),
        "attributes": {
            "ApproximateReceiveCount": str(receive_count),
            "SentTimestamp": str(int(first * 1000)),
            "SenderId": "AIDAEXAMPLE",
            "ApproximateFirstReceiveTimestamp": str(int(first * 1000)),
        },
        "messageAttributes": {},
        "md5OfBody": "0" * 32,
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE_ARN,
        "awsRegion": "ap-southeast-1",
    }
