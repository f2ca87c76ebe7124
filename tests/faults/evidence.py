"""What is known from outside once a run is over: values only, in a form that a file can keep.

Nothing here comes from the function itself: the stand-in's log, the queues, the bus, Step
Functions, and what the suite has done to them. Times are epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, timezone

CANCELLED = "CANCELLED"
REFUND_REQUIRED = "REFUND_REQUIRED"
FAILED = "FAILED"
UNRESOLVED = "UNRESOLVED"
REJECTED = "REJECTED"
_UTC8 = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment of the run; `ends` are the ways in which its scenario can end, `REJECTED` for a
    message that cannot be read."""

    id: str
    created: str
    ends: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request as the stand-in's log shows it; `signed` if Alipay+'s own key signed all of it,
    and a careful client had to believe it."""

    at: float
    ended_at: float | None
    signed: bool
    status: str | None
    code: str | None
    body: str

    @property
    def resolves(self) -> bool:
        return self.signed and self.status in ("S", "F")


@dataclass(frozen=True, slots=True)
class OutcomeEvent:
    kind: str
    code: str | None
    at: float


@dataclass(frozen=True, slots=True)
class DeadLetter:
    reason: str | None
    further_action: str | None
    code: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Execution:
    status: str
    error: str | None


@dataclass(kw_only=True)
class Case:
    """All that is known of one payment.

    Attributes
    ----------
    sent
        When each of its events was put on the bus or the queue.
    explained
        How many repeats of its attempts the injected faults may have caused: a batch killed, an
        effect refused, an answer withheld.
    unheard
        When an answer was withheld from the function; the stand-in may not have seen the request.
    """

    payment: Payment
    sent: list[float] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    outcomes: list[OutcomeEvent] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    refunds: int = 0
    executions: list[Execution] = field(default_factory=list)
    explained: int = 0
    unheard: list[float] = field(default_factory=list)

    @property
    def cutoff(self) -> float:
        """00:15 UTC+8 of the day after the payment's."""
        day = datetime.fromisoformat(self.payment.created).astimezone(_UTC8).date()
        return datetime.combine(day + timedelta(days=1), time(0, 15), _UTC8).timestamp()


@dataclass(kw_only=True)
class Evidence:
    """All of it.

    Attributes
    ----------
    cases
        By the payment's id.
    strays
        What came of payments that nobody sent.
    left
        Messages that are still on the queue of payments, and undelivered events.
    """

    cases: dict[str, Case]
    strays: list[str] = field(default_factory=list)
    left: int = 0
