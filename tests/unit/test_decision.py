"""The decision table, line by line, and its delays with the jitter at both ends and in between."""

from __future__ import annotations

from typing import Final

import pytest
from cancel_payment.decision import decide, may_send
from cancel_payment.model import ComeBack, Decision, Outcome, Requeue, Resolve, Track

from tests.unit.cases import (
    CUTOFF,
    FIRST,
    MICROSECOND,
    RESULTS,
    SHORTEST,
    SLOW,
    seconds,
    tracked,
    untracked,
)

# What an attempt may come to, by its name in the table.
# Expected in the four situations: untracked in its first minute, untracked later, tracked, closing.
TABLE: Final = """
    S                  | cancelled | cancelled | cancelled | cancelled
    S by an F code     | cancelled | cancelled | cancelled | cancelled
    F window           | refund_required | refund_required | refund_required | refund_required
    F listed           | failed    | failed    | failed    | failed
    F contradicted     | failed    | failed    | failed    | failed
    F unlisted         | failed    | failed    | failed    | failed
    F by an S code     | failed    | failed    | failed    | failed
    F by a U code      | failed    | failed    | failed    | failed
    U                  | re-queue  | tracker   | tracker   | cutoff
    U contradicted     | re-queue  | tracker   | tracker   | cutoff
    U by an F code     | re-queue  | tracker   | tracker   | cutoff
    U throttled        | tracker   | tracker   | tracker   | cutoff
    no answer          | re-queue  | tracker   | tracker   | cutoff
    unproven           | re-queue  | tracker   | tracker   | cutoff
    unproven diagnosis | re-queue  | tracker   | tracker   | cutoff
    not sent           | re-queue  | tracker   | tracker   | come back
"""
SITUATIONS: Final = {
    "first minute": [(untracked(), FIRST + seconds(after)) for after in (0, 0.5, 59.999)],
    "later": [(untracked(), FIRST + seconds(after)) for after in (60, 61, 40_000)],
    "tracked": [(tracked(), FIRST + seconds(after)) for after in (0, 30, 60, 40_000)],
    "closing": [(tracked(closing=True), CUTOFF + seconds(after)) for after in (60, 900, 7200)],
}
LINES: Final = [
    (name.strip(), situation, expected.strip())
    for line in TABLE.strip().splitlines()
    for name, *cells in [line.split("|")]
    for situation, expected in zip(SITUATIONS, cells, strict=True)
]


def named(decision: Decision) -> str:
    match decision:
        case Resolve(outcome=outcome, further_action=action):
            assert action
            return outcome.lower()
        case Requeue():
            return "re-queue"
        case Track(next_attempt_at=moment):
            return "cutoff" if moment == CUTOFF else "tracker"
        case ComeBack():
            return "come back"


def test_table_has_a_line_for_every_result() -> None:
    assert {name for name, _, _ in LINES} == RESULTS.keys()


@pytest.mark.parametrize(("result", "situation", "expected"), LINES)
def test_decision_is_the_one_of_the_table(result: str, situation: str, expected: str) -> None:
    for request, now in SITUATIONS[situation]:
        assert named(decide(request, RESULTS[result], now, SLOW, SHORTEST)) == expected


def test_next_step_of_a_failure_is_that_of_its_code_and_of_a_success_a_new_payment() -> None:
    cancelled, refund = (
        decide(untracked(), RESULTS[name], FIRST, SLOW, SHORTEST) for name in ("S", "F window")
    )
    assert cancelled == Resolve(Outcome.CANCELLED, "The merchant can start a new payment.")
    assert isinstance(refund, Resolve)
    assert "refund API" in refund.further_action


def test_only_a_tracked_call_that_is_not_the_closing_one_is_bound_by_the_cutoff() -> None:
    moments = [CUTOFF - MICROSECOND, CUTOFF, CUTOFF + seconds(3600)]
    assert [may_send(tracked(), moment) for moment in moments] == [True, False, False]
    for free in (untracked(), tracked(closing=True)):
        assert all(may_send(free, moment) for moment in moments)
