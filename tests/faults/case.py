"""Everything that is known of one payment, gathered from the evidence. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone

from tests.faults.evidence import (
    Attempt,
    DeadLetter,
    Evidence,
    Execution,
    OutcomeEvent,
    Payment,
    Sent,
)

_UTC8 = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Case:
    """All that is known of one payment, in the order of time."""

    payment: Payment
    sent: list[Sent]
    attempts: list[Attempt]
    outcomes: list[OutcomeEvent]
    letters: list[DeadLetter]
    refunds: int
    executions: list[Execution]
    explained: int
    unheard: list[float]

    @property
    def cutoff(self) -> float:
        """00:15 UTC+8 of the day after the payment's."""
        day = datetime.fromisoformat(self.payment.created).astimezone(_UTC8).date()
        return datetime.combine(day + timedelta(days=1), time(0, 15), _UTC8).timestamp()


def cases_of(evidence: Evidence) -> Iterator[Case]:
    sent = _by_payment(evidence.sent)
    attempts = _by_payment(evidence.attempts)
    outcomes = _by_payment(evidence.outcomes)
    executions = _by_payment(evidence.executions)
    by_body: dict[str, list[DeadLetter]] = defaultdict(list)
    by_name: dict[str, list[DeadLetter]] = defaultdict(list)
    for letter in evidence.dead_letters:
        if letter.payment is None:
            by_body[letter.body].append(letter)
        else:
            by_name[letter.payment].append(letter)
    refunds = Counter(evidence.refunds)
    unheard = _by_payment(evidence.unheard)
    for payment in evidence.payments:
        name = payment.id
        yield Case(
            payment=payment,
            sent=sent[name],
            attempts=sorted(attempts[name], key=lambda one: one.at),
            outcomes=sorted(outcomes[name], key=lambda one: one.at),
            letters=by_name[name] + by_body[payment.body],
            refunds=refunds[name],
            executions=executions[name],
            explained=evidence.explained.get(name, 0),
            unheard=[one.at for one in unheard[name]],
        )


def _by_payment[T: (Sent, Attempt, OutcomeEvent, Execution)](
    found: Iterable[T],
) -> dict[str, list[T]]:
    grouped: dict[str, list[T]] = defaultdict(list)
    for one in found:
        grouped[one.payment].append(one)
    return grouped
