"""The built function in this process: its attempts alone, or its whole handler.

The handler is the contract and the same in every version. What stands between a record and its
decision is not: `Attempts` knows the present build and, for comparison, that of 1.0.0.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cancel_payment import app

from tests.support.records import message, record

type Batch = list[dict[str, Any]]


def batch(ids: list[str]) -> Batch:
    """The records that SQS would send for these payments."""
    return [record(message(one)) for one in ids]


class Context:
    """What the Lambda runtime passes beside the event."""

    aws_request_id = "11111111-2222-4333-8444-555555555555"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class Handler:
    """Records in, batch item failures out, effects and log lines included."""

    batch = staticmethod(batch)

    def run(self, records: Batch) -> int:
        answer = app.lambda_handler({"Records": records}, Context())  # type: ignore[arg-type]
        return len(records) - len(answer["batchItemFailures"])


class Attempts:
    """From the record to the decision: the same job as the floor's and the SDK's."""

    batch = staticmethod(batch)

    def __init__(self) -> None:
        self._own: Any = app.cancellation()
        read, limit = _version()
        self._read, self._limit = read, limit

    def run(self, records: Batch) -> int:
        from cancel_payment.decision import decide

        own = self._own
        requests = [self._read(one) for one in records]
        attempts = own.attempts.run(requests, own.credentials.current(), self._limit(own))
        decided = [
            decide(one.request, one.result, one.ended_at, own.slow_retry, lambda least, _: least)
            for one in attempts
        ]
        return sum(hasattr(one, "outcome") for one in decided)


def _version() -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """How this build reads a record, and what bounds a batch in it."""
    try:
        from cancel_payment import record as reader
        from cancel_payment.clock import Deadline
    except ImportError:
        from cancel_payment import request as reader  # type: ignore[attr-defined,no-redef]

        return reader.read, lambda _: timedelta(seconds=30)
    return reader.read, lambda own: Deadline(own.clock, 30)
