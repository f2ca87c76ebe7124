"""The line under test, from records to effects, wired as the handler wires it.

Everything that a rule may depend on is passed in: the clock, Alipay+ and the AWS clients.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from cancel_payment.app import Cancellation
from cancel_payment.attempts import Attempts
from cancel_payment.credentials_cache import CredentialsCache
from cancel_payment.decision import SlowRetry
from cancel_payment.effects import Effects
from cancel_payment.gateway import Gateway
from cancel_payment.outcomes import Outcomes
from cancel_payment.rejects import Rejects
from cancel_payment.tracker import Tracker
from cancel_payment.visibility import Visibility

from tests.rules import keys

UTC8 = timezone(timedelta(hours=8))

# A payment of 22 November, UTC+8; its window closes at a quarter past midnight.
CREATED = "2026-11-22T10:00:00+08:00"
CUTOFF = datetime(2026, 11, 23, 0, 15, tzinfo=UTC8)

QUEUE, DEAD_LETTERS, BUS = "https://sqs/payments", "https://sqs/dead-letters", "outcomes"
STATE_MACHINE = "arn:aws:states:ap-southeast-1:111122223333:stateMachine:tracker"
INVOCATION = timedelta(seconds=30)

# The defaults of design.md, "Settings".
SLOW_RETRY = SlowRetry(timedelta(seconds=60), timedelta(seconds=900))


@dataclass
class Clock:
    """A wall clock that a test sets."""

    now: datetime = CUTOFF

    def __call__(self) -> datetime:
        return self.now


class Line:
    """One gateway and its threads, for as many batches and worlds as a test likes."""

    def __init__(self, url: str, timeout: timedelta) -> None:
        self.clock = Clock()
        self._attempts = Attempts(Gateway(url, timeout, self.clock), timeout, self.clock)

    def cancellation(self, clients: Any) -> Cancellation:
        """The line with these AWS clients behind it."""
        return Cancellation(
            attempts=self._attempts,
            credentials=CredentialsCache(keys.secret, self.clock),
            effects=Effects(
                Outcomes(clients, BUS),
                Tracker(clients, STATE_MACHINE),
                Rejects(clients, DEAD_LETTERS),
                Visibility(clients, QUEUE, self.clock),
            ),
            slow_retry=SLOW_RETRY,
            clock=self.clock,
        )


def body(
    payment: dict[str, str], created: str = CREATED, tracking: dict[str, Any] | None = None
) -> str:
    """The body of a message on the queue."""
    more = {} if tracking is None else {"tracking": tracking}
    return json.dumps({**payment, "paymentCreateTime": created, **more})


def record(
    text: str, *, message_id: str, receives: int, first_received: datetime
) -> dict[str, Any]:
    """A record as SQS delivers it; its receipt handle is its message id with a mark."""
    return {
        "messageId": message_id,
        "receiptHandle": f"receipt of {message_id}",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": str(receives),
            "ApproximateFirstReceiveTimestamp": str(round(first_received.timestamp() * 1000)),
        },
    }
