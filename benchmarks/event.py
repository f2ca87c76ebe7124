"""The event that SQS would send, around payments whose window is open."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4


def event(ids: list[str]) -> dict[str, Any]:
    """The event that SQS would send for these payments."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    sent = str(int(time.time() * 1000))
    return {
        "Records": [
            {
                "messageId": str(uuid4()),
                "receiptHandle": f"receipt-{one}",
                "body": json.dumps({"paymentRequestId": one, "paymentCreateTime": now}),
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": sent,
                    "SenderId": "AIDAEXAMPLE",
                    "ApproximateFirstReceiveTimestamp": sent,
                },
                "messageAttributes": {},
                "md5OfBody": "0" * 32,
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:payment-timeouts",
                "awsRegion": "us-east-1",
            }
            for one in ids
        ]
    }
