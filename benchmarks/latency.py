"""From the event on the bus to the outcome on the bus, on the deployed local stack."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

from sandbox.stack.lifecycle import Stack

# Far below what the two local workers can do: a payment that comes to an empty queue.
_PER_SECOND = 10
_WARM_UP = 40
_PATIENCE_SECONDS = 60


def measure(payments: int) -> list[float]:
    """Seconds of each payment; the stand-in answers success at once."""
    with Stack.start("bench") as stack:
        _put(stack, _WARM_UP, "warm")
        return _put(stack, payments, "timed")


def _put(stack: Stack, number: int, label: str) -> list[float]:
    put_at: dict[str, float] = {}
    ended_at: dict[str, float] = {}
    for index in range(number):
        name = f"SUCCEEDS-{label}-{index}"
        created = datetime.now(UTC).isoformat(timespec="seconds")
        put_at[name] = time.time()
        stack.put_event({"paymentRequestId": name, "paymentCreateTime": created})
        time.sleep(max(0.0, put_at[name] + 1 / _PER_SECOND - time.time()))
    until = time.monotonic() + _PATIENCE_SECONDS
    sqs, tap = stack.cloud.client("sqs"), stack.outcome_tap_url
    while ended_at.keys() != put_at.keys():
        if time.monotonic() > until:
            raise TimeoutError(f"{len(put_at) - len(ended_at)} payments have no outcome")
        answer = sqs.receive_message(
            QueueUrl=tap, MaxNumberOfMessages=10, AttributeNames=["SentTimestamp"]
        )
        for one in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=tap, ReceiptHandle=one["ReceiptHandle"])
            name = json.loads(one["Body"])["detail"]["paymentRequestId"]
            if name in put_at:
                ended_at[name] = int(one["Attributes"]["SentTimestamp"]) / 1000
    return [max(0.0, ended_at[name] - at) for name, at in put_at.items()]
