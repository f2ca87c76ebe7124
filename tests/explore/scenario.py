"""What is explored: a payment's window, its events, and how much may go wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from tests.explore.values import Moment

# 00:15 UTC+8 of the next day, for payments that were initiated at noon.
CUTOFF = datetime(2026, 11, 22, 16, 15, tzinfo=UTC)
CREATED = "2026-11-22T12:00:00+08:00"
SECOND = 1000

# Which payment an id names: A is what Alipay+ calls the payment that we call P.
PAYMENTS = {"P": 0, "A": 0, "Q": 1}


class Event(NamedTuple):
    """A Payment Expired or Payment Closed event, as its message."""

    id: str
    body: str


class Request(NamedTuple):
    """What a message asks for."""

    payment: int
    named: tuple[str, ...]
    tracked: bool
    token: str
    closing: bool


@dataclass(frozen=True)
class Scenario:
    """One exploration.

    Attributes
    ----------
    window
        From the first moment to the cutoff; negative where the events come after it.
    events
        All there at the first moment.
    later
        May come at any moment, or never.
    attempts
        So many calls are answered in every way; after them the gateway answers truly or not at all,
        and nothing else fails.
    answers
        The only answers of the gateway, if not all.
    prompt
        Nothing waits on the queue once it can be received.
    closing
        ``ClosingCallSeconds``.
    calls_at_most, trackers_at_most
        What no order of events may exceed.
    """

    name: str
    window: Moment
    attempts: int
    faults: int
    events: tuple[Event, ...]
    later: tuple[Event, ...] = ()
    random: float = 0.0
    closing: int = 900
    calls_at_most: int = 40
    trackers_at_most: int = 4
    answers: frozenset[str] = frozenset()
    prompt: bool = False
    payments: int = field(default=1)

    @property
    def start(self) -> datetime:
        """The moment that the world counts from."""
        return CUTOFF - timedelta(milliseconds=self.window)


def event(event_id: str, ids: dict[str, str], **more: Any) -> Event:
    return Event(event_id, json.dumps({**ids, "paymentCreateTime": CREATED, **more}))


@cache
def request(body: str) -> Request:
    """A message, read independently of the code that is judged."""
    fields = json.loads(body)
    ids = tuple(fields[name] for name in ("paymentRequestId", "paymentId") if name in fields)
    tracking = fields.get("tracking") or {}
    return Request(
        payment=PAYMENTS[ids[0]],
        named=(*ids, fields["paymentCreateTime"]),
        tracked=bool(tracking),
        token=tracking.get("taskToken", ""),
        closing=tracking.get("closing", False),
    )


FIRST = event("event", {"paymentRequestId": "P"})
OTHER_PAYMENT = event("other payment's event", {"paymentRequestId": "Q"})
SAME_ID = event("second event", {"paymentRequestId": "P"})
OTHER_ID = event("second event by paymentId", {"paymentId": "A"})
COPIED = event(
    "event with a copied token",
    {"paymentRequestId": "P"},
    tracking={
        "taskToken": "copied",
        "attempts": 3,
        "firstAttemptAt": CREATED,
        "execution": "P",
    },
)


BOUNDS = """Each line names its bound: calls that are answered in every way, and faults.
Four and two: one event, in the 100 s before the cutoff, in its last 20 s, and after it. All others
as printed. Nothing higher has been run to its end.
Two payments have two calls each only where no message waits on the queue, and two calls in all
where any may. Seconds are of CPU.
5 s after the cutoff the clock stands still: what is to come moves towards it. That a tracker gives
up by its age, after 24.5 hours, is not explored.
"""


def scenarios() -> list[Scenario]:
    """The whole exploration: four attempts and two faults of one payment around its cutoff; less in
    the minutes before, and where two events or two payments multiply everything. Of two payments
    two attempts each, where no message waits for a worker; one each, where it may."""
    one, two = (FIRST,), (FIRST, OTHER_PAYMENT)
    only_u = {"answers": frozenset({"U"}), "prompt": True, "calls_at_most": 25}
    return [
        Scenario("cutoff in 100 s", 100 * SECOND, 4, 2, one),
        Scenario("cutoff in 100 s, longest delays", 100 * SECOND, 4, 1, one, random=1.0),
        Scenario("cutoff in 20 s", 20 * SECOND, 4, 2, one),
        Scenario("cutoff a minute ago", -60 * SECOND, 4, 2, one),
        Scenario("cutoff in 80 minutes", 4800 * SECOND, 2, 1, one),
        Scenario("no closing call", 100 * SECOND, 2, 1, one, closing=0),
        Scenario("U for ever", 100 * SECOND, 30, 1, one, **only_u),
        Scenario("a copied token, no tracker", 100 * SECOND, 2, 1, (COPIED,)),
        *_second_events(2),
        Scenario("a second event near the cutoff", 20 * SECOND, 2, 1, one, (SAME_ID,)),
        Scenario("a second event after the cutoff", -60 * SECOND, 2, 0, one, (OTHER_ID,)),
        Scenario("two payments in one batch", 20 * SECOND, 4, 1, two, payments=2, prompt=True),
        Scenario("two payments in one batch, that may wait", 20 * SECOND, 2, 1, two, payments=2),
    ]


def quick() -> list[Scenario]:
    """A smaller bound, in seconds."""
    return [
        Scenario("cutoff in 100 s", 100 * SECOND, 2, 1, (FIRST,)),
        Scenario("cutoff in 20 s", 20 * SECOND, 2, 1, (FIRST,)),
        Scenario("cutoff a minute ago", -60 * SECOND, 2, 1, (FIRST,)),
        Scenario("a copied token, no tracker", 100 * SECOND, 1, 0, (COPIED,)),
        *_second_events(1),
    ]


def _second_events(attempts: int) -> list[Scenario]:
    return [
        Scenario(f"{later.id}, at any moment", 100 * SECOND, attempts, 0, (FIRST,), (later,))
        for later in (SAME_ID, OTHER_ID, COPIED)
    ]
