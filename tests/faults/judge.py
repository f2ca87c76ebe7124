"""The ledger's word on a run: what was lost, what was invented, what was asked too often. Pure.

Times come from several processes of one machine and are cut to the millisecond, hence `CLOCK`.
No verdict depends on how long anything took.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import inf

from tests.faults.evidence import (
    CANCELLED,
    FAILED,
    REFUND_REQUIRED,
    REJECTED,
    UNRESOLVED,
    Attempt,
    Case,
    Evidence,
    OutcomeEvent,
)

CLOCK = 0.05
# Which code backs which outcome; any other code of an F backs FAILED.
_REFUND_CODE = "CANCEL_WINDOW_EXCEED"
# Never superseded: FAILED and UNRESOLVED may be published after them, and then change nothing.
_FINAL = frozenset({CANCELLED, REFUND_REQUIRED})


@dataclass(frozen=True)
class Verdict:
    """One line a fault, each naming its payment.

    Attributes
    ----------
    lost
        Nobody was told how it ended, or not all who had to be.
    invented
        An outcome that no answer backs, two that contradict each other, or a second one that
        neither a second event nor a fault explains.
    unwarranted
        An attempt that should not have been made.
    """

    lost: list[str]
    invented: list[str]
    unwarranted: list[str]

    @property
    def clean(self) -> bool:
        return not (self.lost or self.invented or self.unwarranted)

    def __str__(self) -> str:
        kinds = ("lost", "invented", "unwarranted")
        counts = ", ".join(f"{kind} {len(getattr(self, kind))}" for kind in kinds)
        lines = [f"  {kind}: {line}" for kind in kinds for line in getattr(self, kind)[:20]]
        return "\n".join([counts, *lines])


def judge(evidence: Evidence) -> Verdict:
    """Hold everything that is known of a run against what must be true of it."""
    cases = evidence.cases.values()
    lost = [line for one in cases for line in _lost(one)]
    if evidence.left:
        lost.append(f"{evidence.left} messages were left where nobody reads them")
    invented = [line for one in cases for line in _invented(one)]
    invented += [f"of a payment that nobody sent: {one}" for one in evidence.strays]
    return Verdict(lost, invented, [line for one in cases for line in _unwarranted(one)])


def _lost(case: Case) -> Iterator[str]:
    name, payment = case.payment.id, case.payment
    # Every event, not only every payment: one that is published again wants an answer again.
    told = [one.at for one in case.outcomes] + [one.at for one in case.letters]
    for sent in case.sent:
        if not any(at >= sent - CLOCK for at in told):
            ends = " or ".join(payment.ends)
            yield f"{name}: nothing came of its event of {_clock(sent)} ({ends})"
    for letter in case.letters:
        if not letter.reason or not letter.further_action:
            yield f"{name}: in the dead-letter queue without a reason and a next step"
    kinds = {one.kind for one in case.outcomes}
    if REFUND_REQUIRED in kinds and not case.refunds:
        yield f"{name}: to be refunded, and not in the refund queue"
    if FAILED in kinds and not _redrivable(case):
        yield f"{name}: failed, and kept nowhere for a redrive"
    for execution in case.executions:
        if execution.status == "RUNNING":
            yield f"{name}: its tracker still runs"


def _redrivable(case: Case) -> bool:
    codes = {one.code for one in case.outcomes if one.kind == FAILED}
    return any(one.code in codes for one in case.letters) or any(
        one.status == "FAILED" and one.error in codes for one in case.executions
    )


def _invented(case: Case) -> Iterator[str]:
    name = case.payment.id
    kinds = [kind for kind, _ in groupby(one.kind for one in case.outcomes)]
    if len(kinds) > 1 and _contradicts(case, kinds):
        yield f"{name}: ended as {' and as '.join(kinds)}"
    for kind in dict.fromkeys(kinds):
        if kind not in case.payment.ends:
            yield f"{name}: ended as {kind}, which its scenario cannot"
    for outcome in case.outcomes:
        if outcome.kind == UNRESOLVED:
            if outcome.at < case.cutoff - CLOCK:
                yield f"{name}: unresolved before its cutoff"
            if not case.explained and not any(
                case.cutoff - CLOCK <= one.at <= outcome.at for one in case.attempts
            ):
                yield f"{name}: unresolved without having been asked after its cutoff"
        elif not any(_backs(one, outcome) for one in case.attempts):
            yield f"{name}: {outcome.kind} {outcome.code} at {_clock(outcome.at)} without an answer"
    for letter in case.letters:
        if letter.code and not any(
            one.resolves and one.code == letter.code for one in case.attempts
        ):
            yield f"{name}: a dead letter for {letter.code}, which was never answered"


def _contradicts(case: Case, kinds: list[str]) -> bool:
    """Whether outcomes of these kinds cannot have followed each other.

    Each kind but the first needs an event or a fault of its own. After a final one only UNRESOLVED
    may come, where the payment was asked again and got no answer: it changes nothing for who
    follows the contract's order.
    """
    if len(kinds) > len(case.sent) + case.explained or len(_FINAL & {*kinds}) > 1:
        return True
    silent = case.unheard + [one.at for one in case.attempts if not one.resolves]
    answered = min((one.at for one in case.outcomes if one.kind in _FINAL), default=inf)
    return any(
        one.kind != UNRESOLVED or not any(answered < at < one.at for at in silent)
        for one in case.outcomes
        if one.kind not in _FINAL and one.at > answered
    )


def _backs(attempt: Attempt, outcome: OutcomeEvent) -> bool:
    if not attempt.resolves or attempt.code != outcome.code:
        return False
    if attempt.ended_at is None or attempt.ended_at > outcome.at + CLOCK:
        return False
    if attempt.status == "S":
        return outcome.kind == "CANCELLED"
    refund = attempt.code == _REFUND_CODE
    return outcome.kind == (REFUND_REQUIRED if refund else FAILED)


def _unwarranted(case: Case) -> Iterator[str]:
    name = case.payment.id
    if REJECTED in case.payment.ends:
        if case.attempts:
            yield f"{name}: {len(case.attempts)} attempts for a message that cannot be read"
        return
    # Each message ends with the first final answer that reaches the function; what a fault makes
    # come back may be asked once more.
    allowed, answers = len(case.sent) + case.explained, 0
    for attempt in case.attempts:
        if answers >= allowed:
            yield (
                f"{name}: an attempt at {_clock(attempt.at)} after {answers} final answers to "
                f"{len(case.sent)} messages and {case.explained} faults"
            )
            break
        answers += attempt.resolves
    late = [one for one in case.attempts if one.at >= case.cutoff + CLOCK]
    # An event and its repeats are asked however late, and each tracker once more.
    warranted = len(case.sent) + case.explained + len(case.executions)
    if len(late) > warranted:
        yield f"{name}: {len(late)} attempts after its cutoff, of which {warranted} are warranted"
    if len({one.body for one in case.attempts}) > 1:
        yield f"{name}: attempts with different parameters"


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%H:%M:%S.%f")[:-3]
