"""The built function in this process: its attempts alone, or its whole handler."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cancel_payment import app, request
from cancel_payment.decision import decide
from cancel_payment.model import Resolve
from cancel_payment.payment import CancelRequest

from benchmarks.event import event


class Context:
    """What the Lambda runtime passes beside the event."""

    aws_request_id = "11111111-2222-4333-8444-555555555555"
    function_name = "CancelPaymentFunction"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:f"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class Handler:
    """Records in, batch item failures out, effects and log lines included."""

    def batch(self, ids: list[str]) -> dict[str, Any]:
        return event(ids)

    def run(self, batch: dict[str, Any]) -> int:
        answer = app.lambda_handler(batch, Context())  # type: ignore[arg-type]
        return len(batch["Records"]) - len(answer["batchItemFailures"])


class Attempts:
    """From the record to the decision: the same job as the floor's and the SDK's."""

    def __init__(self) -> None:
        self._cancellation = app.cancellation()

    def batch(self, ids: list[str]) -> dict[str, Any]:
        return event(ids)

    def run(self, batch: dict[str, Any]) -> int:
        own = self._cancellation
        read = [request.read(one) for one in batch["Records"]]
        requests = [one for one in read if isinstance(one, CancelRequest)]
        attempts = own.attempts.run(requests, own.credentials.current(), timedelta(seconds=30))
        decisions = [
            decide(one.request, one.result, one.ended_at, own.slow_retry, lambda least, _: least)
            for one in attempts
        ]
        return sum(isinstance(one, Resolve) for one in decisions)
