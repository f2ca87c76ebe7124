"""What becomes of each file in `events/`: a table that the tests here and `sam local` share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from tests.conftest import ROOT

EVENTS: Final = ROOT / "events"
# Not for the function: what the acquirer puts on the bus.
OF_THE_BUS: Final = "payment-expired.json"


@dataclass(frozen=True)
class Expected:
    """The disposition of one event.

    Attributes
    ----------
    back
        How many of its messages wait on the queue for their next attempt.
    outcomes
        The detail-types that are published.
    rejected
        How many messages go to the dead-letter queue.
    started, told
        Whether a tracker is started; what a waiting one is told.
    by_tracker, rejected_by_stack
        On a stack, where no execution waits for an example's task token: the detail-types that a
        tracker publishes which was started instead, and the dead letters of closing calls.
    malformed
        How many of its bodies break the schema on purpose.
    """

    back: int = 0
    outcomes: tuple[str, ...] = ()
    rejected: int = 0
    started: bool = False
    told: str | None = None
    by_tracker: tuple[str, ...] = ()
    rejected_by_stack: int = 0
    malformed: int = 0


CANCELLED: Final = "Payment Cancelled"
REFUND: Final = "Payment Refund Required"
FAILED: Final = "Payment Cancellation Failed"
UNRESOLVED: Final = "Payment Cancellation Unresolved"

EXPECTED: Final = {
    "batch-of-ten.json": Expected(
        back=1, outcomes=(*[CANCELLED] * 7, FAILED), rejected=2, malformed=1
    ),
    "cancelled.json": Expected(outcomes=(CANCELLED,)),
    "closing-call-cancelled.json": Expected(outcomes=(CANCELLED,), told="CANCELLED"),
    "closing-call-unknown.json": Expected(told="RETRY", rejected_by_stack=1),
    "failed.json": Expected(outcomes=(FAILED,), rejected=1),
    "forged-refund.json": Expected(back=1),
    "malformed.json": Expected(rejected=1, malformed=1),
    "no-answer.json": Expected(back=1),
    "refund-required.json": Expected(outcomes=(REFUND,)),
    "tracked-cancelled.json": Expected(outcomes=(CANCELLED,), told="CANCELLED"),
    "tracked-unknown.json": Expected(told="RETRY"),
    "unknown-first-minute.json": Expected(back=1),
    "unknown-later.json": Expected(started=True),
    "window-closed-first-attempt.json": Expected(outcomes=(REFUND,)),
    "window-closed-later-attempt.json": Expected(outcomes=(REFUND,)),
    "window-closed-tracked.json": Expected(told="RETRY", by_tracker=(CANCELLED,)),
}


def load(name: str) -> Any:
    return json.loads((EVENTS / name).read_text("utf-8"))


def schema(name: str) -> Any:
    return load(f"{name}.schema.json")
