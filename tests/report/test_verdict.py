"""The judge of a run: whatever is not as a case says is a fault."""

from __future__ import annotations

import pytest

from sandbox.run.progress import Progress
from sandbox.run.verdict import ended, faults
from tests.report.seen import cancelled, case, dead_letter, iso, no_answer, outcome, send, tracker

UNKNOWN = ("U", "UNKNOWN_EXCEPTION")
DONE = [outcome("CANCELLED")]
TWICE = [*DONE, outcome("CANCELLED", outcomeId="other")]


def told(sends=(), outcomes=None, **detail):
    """A payment that was cancelled, with what its outcome says otherwise."""
    outcomes = [outcome("CANCELLED", **detail)] if outcomes is None else outcomes
    return Progress(sends=sends or [send(1)], outcomes=outcomes)


def test_a_payment_as_it_should_be_has_no_fault():
    assert faults(case(), cancelled()) == []


@pytest.mark.parametrize(
    ("case", "seen", "fault"),
    [
        (case(), Progress(), "outcomes none instead of CANCELLED"),
        (case("P", "FAILED"), told(), "outcomes CANCELLED instead of FAILED"),
        (case(code="OTHER"), told(), "result code SUCCESS instead of OTHER"),
        (case(sends=2), told(), "1 requests instead of 2"),
        (case(), told(furtherAction=""), "the outcome does not say what to do"),
        (case(), told(attempts=7), "the outcome tells of 7 attempts"),
        (case(), told(outcomes=TWICE), "one outcome under several ids"),
        (
            case(sends=2),
            told([send(1, *UNKNOWN), send(4)]),
            "3.0 s between two requests instead of 5 to 10",
        ),
        (
            case(sends=2),
            told([no_answer(1), send(22)]),
            "13.0 s between two requests instead of 5 to 10",
        ),
        (case(dead_letter=True), told(), "not in the dead-letter queue"),
        (case(), Progress(dead_letters=[dead_letter()]), "in the dead-letter queue"),
        (
            case(dead_letter=True),
            Progress(dead_letters=[dead_letter(furtherAction="")]),
            "in the dead-letter queue without furtherAction",
        ),
        (case("P", "FAILED"), told(), "no case for the operators"),
        (case(), Progress(operator_cases=[outcome("FAILED")]), "a case for the operators"),
        (case(tracker="SUCCEEDED"), told(), "tracker not used instead of SUCCEEDED"),
        (
            case(tracker="FAILED", error="Unresolved"),
            Progress(trackers=[tracker("FAILED", error="X")]),
            "tracker's error X instead of Unresolved",
        ),
    ],
)
def test_a_fault_is_named(case, seen, fault):
    assert fault in faults(case, seen)


def test_the_distance_counts_only_in_the_first_minute_before_the_closing_and_not_when_throttled():
    late = told([send(70, *UNKNOWN), send(72)])
    throttled = told([send(1, "U", "REQUEST_TRAFFIC_EXCEED_LIMIT"), send(3)])
    closing = told([send(1, *UNKNOWN), send(3)], cutoffAt=iso(30))
    for seen in (late, throttled, closing):
        assert not any("between two requests" in fault for fault in faults(case(sends=2), seen))


@pytest.mark.parametrize(
    ("case", "seen", "so"),
    [
        (case(), Progress(), False),
        (case(), cancelled(), True),
        (case("P", "FAILED"), cancelled(), True),  # the wrong end is an end, too
        (case("P", "DEAD_LETTER", dead_letter=True), Progress(dead_letters=[dead_letter()]), True),
        (case("P", "FAILED", dead_letter=True), Progress(outcomes=DONE), False),
        (case(tracker="SUCCEEDED"), Progress(outcomes=DONE), False),
        (case(), Progress(outcomes=DONE, trackers=[tracker("RUNNING")]), False),
        (case(), Progress(outcomes=DONE, trackers=[tracker()]), True),
    ],
)
def test_a_payment_has_ended_when_everything_that_it_waits_for_is_there(case, seen, so):
    assert ended(case, seen) is so
