"""What is known from outside once a run is over: values only, in a form that a file can keep.

Nothing here comes from the function itself: the stand-in's log, the queues, the bus, Step
Functions, and what the suite has done to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
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
class Sent:
    """One event of a payment, when it was put on the bus or the queue (epoch seconds)."""

    payment: str
    at: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request as the stand-in's log shows it; `signed` if Alipay+'s own key signed all of it,
    and a careful client had to believe it."""

    payment: str
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
    payment: str
    kind: str
    code: str | None
    at: float


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`payment` is None if its body names none of the run's."""

    payment: str | None
    body: str
    reason: str | None
    further_action: str | None
    code: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Execution:
    payment: str
    status: str
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that is known of one payment, in the order of time; see `Evidence`."""

    payment: Payment
    sent: list[Sent]
    attempts: list[Attempt]
    outcomes: list[OutcomeEvent]
    letters: list[DeadLetter]
    refunds: int
    executions: list[Execution]
    explained: int
    unheard: list[Sent]

    @property
    def cutoff(self) -> float:
        """00:15 UTC+8 of the day after the payment's."""
        day = datetime.fromisoformat(self.payment.created).astimezone(_UTC8).date()
        return datetime.combine(day + timedelta(days=1), time(0, 15), _UTC8).timestamp()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All of it.

    Attributes
    ----------
    explained
        How many repeats of a payment's attempts the injected faults may have caused: a batch
        killed, an effect refused, an answer withheld.
    unheard
        Requests whose answers were withheld from the function; the stand-in may not have seen them.
    left
        Messages that are still on the queue of payments, and undelivered events.
    """

    payments: list[Payment]
    sent: list[Sent]
    attempts: list[Attempt]
    outcomes: list[OutcomeEvent]
    dead_letters: list[DeadLetter] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    explained: dict[str, int] = field(default_factory=dict)
    unheard: list[Sent] = field(default_factory=list)
    left: int = 0

    def cases(self) -> Iterator[Case]:
        sent, unheard = _by_payment(self.sent), _by_payment(self.unheard)
        attempts, outcomes = _by_payment(self.attempts), _by_payment(self.outcomes)
        letters, executions = _by_payment(self.dead_letters), _by_payment(self.executions)
        for payment in self.payments:
            name = payment.id
            yield Case(
                payment=payment,
                sent=sent[name],
                attempts=sorted(attempts[name], key=lambda one: one.at),
                outcomes=sorted(outcomes[name], key=lambda one: one.at),
                letters=letters[name],
                refunds=self.refunds.count(name),
                executions=executions[name],
                explained=self.explained.get(name, 0),
                unheard=unheard[name],
            )


def _by_payment[T: (Sent, Attempt, OutcomeEvent, DeadLetter, Execution)](
    found: Iterable[T],
) -> dict[str | None, list[T]]:
    grouped: dict[str | None, list[T]] = defaultdict(list)
    for one in found:
        grouped[one.payment].append(one)
    return grouped
