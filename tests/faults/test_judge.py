"""The judge sees each loss and each invention planted into a clean run, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.evidence import (
    Attempt,
    DeadLetter,
    Evidence,
    Execution,
    OutcomeEvent,
    Payment,
    Sent,
)
from tests.faults.judge import judge

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
T = NOON.timestamp()
TODAY = NOON.isoformat()
LONG_AGO = (NOON - timedelta(days=3)).isoformat()


def payment(name: str, *ends: str, created: str = TODAY) -> Payment:
    return Payment(name, created, ends, f'{{"paymentRequestId":"{name}"}}')


def attempt(name: str, at: float, status: str, code: str, *, signed: bool = True) -> Attempt:
    return Attempt(name, T + at, T + at + 0.1, signed, status, code, f'{{"id":"{name}"}}')


def outcome(name: str, at: float, kind: str, code: str | None) -> OutcomeEvent:
    return OutcomeEvent(name, kind, code, T + at)


def letter(name: str, code: str | None, reason: str | None = "why") -> DeadLetter:
    body = f'{{"paymentRequestId":"{name}"}}'
    return DeadLetter(body, name if code else None, reason, reason and "do", code, T + 9)


@pytest.fixture
def clean() -> Evidence:
    """One payment of each kind: no fault was injected and none has happened."""
    return Evidence(
        payments=[
            payment("S", "CANCELLED"),
            payment("U-S", "CANCELLED"),
            payment("REFUND", "REFUND_REQUIRED", "UNRESOLVED"),
            payment("F", "FAILED", "CANCELLED"),
            payment("TRACKED-F", "FAILED"),
            payment("LATE", "UNRESOLVED", created=LONG_AGO),
            payment("BAD", "REJECTED"),
        ],
        sent=[Sent(name, T) for name in ("S", "U-S", "REFUND", "F", "TRACKED-F", "LATE", "BAD")],
        attempts=[
            attempt("S", 1, "S", "SUCCESS"),
            attempt("U-S", 1, "U", "UNKNOWN_EXCEPTION"),
            attempt("U-S", 2, "S", "SUCCESS", signed=False),
            attempt("U-S", 8, "S", "SUCCESS"),
            attempt("REFUND", 1, "F", "CANCEL_WINDOW_EXCEED"),
            attempt("F", 1, "F", "PROCESS_FAIL"),
            attempt("TRACKED-F", 1, "U", "REQUEST_TRAFFIC_EXCEED_LIMIT"),
            attempt("TRACKED-F", 5, "F", "ACCESS_DENIED"),
            attempt("LATE", 1, "U", "UNKNOWN_EXCEPTION"),
        ],
        outcomes=[
            outcome("S", 2, "CANCELLED", "SUCCESS"),
            outcome("U-S", 9, "CANCELLED", "SUCCESS"),
            outcome("REFUND", 2, "REFUND_REQUIRED", "CANCEL_WINDOW_EXCEED"),
            outcome("F", 2, "FAILED", "PROCESS_FAIL"),
            outcome("TRACKED-F", 6, "FAILED", "ACCESS_DENIED"),
            outcome("LATE", 3, "UNRESOLVED", "UNKNOWN_EXCEPTION"),
        ],
        dead_letters=[letter("F", "PROCESS_FAIL"), letter("BAD", None)],
        refunds=["REFUND"],
        executions=[
            Execution("TRACKED-F", "FAILED", "ACCESS_DENIED"),
            Execution("LATE", "FAILED", "Unresolved"),
        ],
    )


def test_clean_run_is_clean(clean: Evidence) -> None:
    assert judge(clean).clean, judge(clean)


def test_evidence_is_the_same_after_it_was_kept_in_a_file(clean: Evidence, tmp_path: Path) -> None:
    clean.write(tmp_path / "evidence.json")
    assert Evidence.read(tmp_path / "evidence.json") == clean


@pytest.mark.parametrize("name", ["S", "U-S", "REFUND", "F", "TRACKED-F", "LATE"])
def test_outcome_that_never_came_is_a_loss(clean: Evidence, name: str) -> None:
    kept = [one for one in clean.outcomes if one.payment != name]
    letters = [one for one in clean.dead_letters if one.payment != name]
    (line,) = judge(replace(clean, outcomes=kept, dead_letters=letters)).lost
    assert line.startswith(f"{name}: nothing came of its event")


def test_rejected_message_that_is_nowhere_is_a_loss(clean: Evidence) -> None:
    letters = [one for one in clean.dead_letters if one.payment]
    assert len(judge(replace(clean, dead_letters=letters)).lost) == 1


def test_message_that_sqs_itself_gave_up_has_no_reason_and_is_a_loss(clean: Evidence) -> None:
    letters = [letter("F", "PROCESS_FAIL"), letter("BAD", None, reason=None)]
    (line,) = judge(replace(clean, dead_letters=letters)).lost
    assert "without a reason" in line


def test_refund_that_is_not_in_its_queue_is_a_loss(clean: Evidence) -> None:
    assert len(judge(replace(clean, refunds=[])).lost) == 1


def test_failure_that_cannot_be_redriven_is_a_loss(clean: Evidence) -> None:
    letters = [letter("BAD", None)]
    trackers = [Execution("TRACKED-F", "SUCCEEDED", None)]
    lost = judge(replace(clean, dead_letters=letters, executions=trackers)).lost
    assert sorted(line.partition(":")[0] for line in lost) == ["F", "TRACKED-F"]


def test_event_published_again_of_which_nothing_comes_is_a_loss(clean: Evidence) -> None:
    again = [*clean.sent, Sent("LATE", T + 60)]
    (line,) = judge(replace(clean, sent=again)).lost
    assert line.startswith("LATE: nothing came of its event")


def test_tracker_that_never_ends_and_messages_left_behind_are_losses(clean: Evidence) -> None:
    running = [*clean.executions, Execution("S", "RUNNING", None)]
    assert len(judge(replace(clean, executions=running, left=3)).lost) == 2


@pytest.mark.parametrize("name", ["S", "REFUND", "F"])
def test_outcome_without_an_answer_is_an_invention(clean: Evidence, name: str) -> None:
    kept = [one for one in clean.attempts if one.payment != name]
    invented = judge(replace(clean, attempts=kept)).invented
    assert any("without an answer" in line and line.startswith(name) for line in invented)


def test_outcome_before_its_answer_is_an_invention(clean: Evidence) -> None:
    early = [replace(one, at=T + 0.5) if one.payment == "S" else one for one in clean.outcomes]
    assert len(judge(replace(clean, outcomes=early)).invented) == 1


def test_outcome_that_only_a_forged_answer_backs_is_an_invention(clean: Evidence) -> None:
    forged = [
        replace(one, signed=False) if one.payment == "REFUND" else one for one in clean.attempts
    ]
    assert len(judge(replace(clean, attempts=forged)).invented) == 1


def test_refund_where_the_answer_was_another_failure_is_an_invention(clean: Evidence) -> None:
    other = [
        replace(one, code="PROCESS_FAIL") if one.payment == "REFUND" else one
        for one in clean.attempts
    ]
    assert len(judge(replace(clean, attempts=other)).invented) == 1


def test_unresolved_before_the_cutoff_is_an_invention(clean: Evidence) -> None:
    today = [replace(one, created=TODAY) if one.id == "LATE" else one for one in clean.payments]
    assert "LATE: unresolved before its cutoff" in judge(replace(clean, payments=today)).invented


def test_two_kinds_of_outcome_are_an_invention(clean: Evidence) -> None:
    both = [*clean.outcomes, outcome("REFUND", 5, "UNRESOLVED", None)]
    aged = [replace(one, created=LONG_AGO) if one.id == "REFUND" else one for one in clean.payments]
    (line,) = judge(replace(clean, outcomes=both, payments=aged)).invented
    assert line == "REFUND: ended as REFUND_REQUIRED and as UNRESOLVED"


def test_end_that_the_scenario_does_not_know_is_an_invention(clean: Evidence) -> None:
    other = [replace(one, ends=("FAILED",)) if one.id == "S" else one for one in clean.payments]
    (line,) = judge(replace(clean, payments=other)).invented
    assert line == "S: ended as CANCELLED, which its scenario cannot"


def test_the_same_outcome_twice_is_none(clean: Evidence) -> None:
    assert judge(replace(clean, outcomes=clean.outcomes * 2)).clean


def test_failure_may_be_superseded_once_the_payment_was_sent_again(clean: Evidence) -> None:
    later = replace(
        clean,
        attempts=[*clean.attempts, attempt("F", 60, "S", "SUCCESS")],
        outcomes=[*clean.outcomes, outcome("F", 61, "CANCELLED", "SUCCESS")],
    )
    assert len(judge(later).invented) == 1
    assert judge(replace(later, sent=[*clean.sent, Sent("F", T + 59)])).clean


def test_unresolved_may_give_way_to_an_answer_that_a_fault_has_kept_back(clean: Evidence) -> None:
    later = replace(
        clean,
        payments=[
            replace(one, ends=("UNRESOLVED", "REFUND_REQUIRED")) if one.id == "LATE" else one
            for one in clean.payments
        ],
        attempts=[*clean.attempts, attempt("LATE", 40, "F", "CANCEL_WINDOW_EXCEED")],
        outcomes=[*clean.outcomes, outcome("LATE", 41, "REFUND_REQUIRED", "CANCEL_WINDOW_EXCEED")],
        refunds=["REFUND", "LATE"],
    )
    assert len(judge(later).invented) == 1
    assert judge(replace(later, explained={"LATE": 1})).clean
    back = [*later.outcomes, outcome("LATE", 50, "UNRESOLVED", None)]
    assert len(judge(replace(later, explained={"LATE": 1}, outcomes=back)).invented) == 1


def test_unresolved_after_an_answer_needs_a_fault_and_an_attempt_that_got_none(
    clean: Evidence,
) -> None:
    aged = [replace(one, created=LONG_AGO) if one.id == "REFUND" else one for one in clean.payments]
    both = [*clean.outcomes, outcome("REFUND", 50, "UNRESOLVED", None)]
    never_asked = replace(clean, payments=aged, outcomes=both, explained={"REFUND": 1})
    asked = [*clean.attempts, attempt("REFUND", 45, "U", "UNKNOWN_EXCEPTION")]

    assert len(judge(never_asked).invented) == 1
    assert len(judge(replace(never_asked, attempts=asked, explained={})).invented) == 1
    assert judge(replace(never_asked, attempts=asked)).clean


def test_unresolved_needs_to_have_been_asked_after_the_cutoff(clean: Evidence) -> None:
    never = [one for one in clean.attempts if one.payment != "LATE"]
    (line,) = judge(replace(clean, attempts=never)).invented
    assert "without having been asked after its cutoff" in line
    assert judge(replace(clean, attempts=never, explained={"LATE": 1})).clean


@pytest.mark.parametrize(
    "event", [outcome("X", 1, "CANCELLED", "SUCCESS"), outcome("X", 1, "UNRESOLVED", None)]
)
def test_outcome_of_a_payment_that_nobody_sent_is_an_invention(
    clean: Evidence, event: OutcomeEvent
) -> None:
    assert len(judge(replace(clean, outcomes=[*clean.outcomes, event])).invented) == 1


def test_attempt_after_the_final_answer_is_unwarranted_unless_explained(clean: Evidence) -> None:
    again = replace(clean, attempts=[*clean.attempts, attempt("S", 30, "S", "SUCCESS")])
    assert len(judge(again).unwarranted) == 1
    assert judge(replace(again, explained={"S": 1})).clean
    assert judge(replace(again, sent=[*clean.sent, Sent("S", T)])).clean


def test_attempt_after_the_cutoff_is_unwarranted_but_for_the_event_and_the_closing_call(
    clean: Evidence,
) -> None:
    closing = [*clean.attempts, attempt("LATE", 2, "U", "UNKNOWN_EXCEPTION")]
    assert judge(replace(clean, attempts=closing)).clean
    again = [*closing, attempt("LATE", 30, "U", "UNKNOWN_EXCEPTION")]
    (line,) = judge(replace(clean, attempts=again)).unwarranted
    assert "after its cutoff" in line


def test_attempt_for_a_message_that_cannot_be_read_is_unwarranted(clean: Evidence) -> None:
    more = [*clean.attempts, attempt("BAD", 1, "F", "PARAM_ILLEGAL")]
    assert len(judge(replace(clean, attempts=more)).unwarranted) == 1


def test_attempt_with_other_parameters_is_unwarranted(clean: Evidence) -> None:
    changed = [
        replace(one, body="{}") if one.payment == "U-S" and one.at > T + 5 else one
        for one in clean.attempts
    ]
    assert len(judge(replace(clean, attempts=changed)).unwarranted) == 1
