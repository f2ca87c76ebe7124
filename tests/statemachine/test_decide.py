"""Decide: over, closed, or one more round. By TestState; to the millisecond by the reference."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.statemachine.definition import State
from tests.statemachine.reference import QueryEvaluationError, Reference

CUTOFF = "2026-11-23T00:15:00.000+08:00"
GUARD = timedelta(hours=24, minutes=30)
NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

type TestState = Callable[..., dict[str, Any]]
type Tracked = Callable[..., dict[str, Any]]


def chosen(reference: Reference, state: State, now: datetime, **states: Any) -> str:
    """The state that follows, each condition by the reference evaluator."""
    for rule in state["Choices"]:
        if reference.fill(rule["Condition"], now, **states) is True:
            return str(rule["Next"])
    return str(state["Default"])


@pytest.mark.parametrize("disposition", ["CANCELLED", "REFUND_REQUIRED"])
def test_a_final_answer_ends_the_execution_even_after_the_cutoff(
    check_state: TestState, tracked: Tracked, disposition: str
) -> None:
    late = tracked(disposition=disposition, nextAttemptAt=CUTOFF)
    for state_input in (tracked(disposition=disposition), late):
        answer = check_state("Decide", state_input)
        assert (answer["status"], answer["nextState"]) == ("SUCCEEDED", "Resolved")


@pytest.mark.parametrize("disposition", [None, "RETRY", "cancelled", "", "FAILED"])
def test_anything_else_is_one_more_round(
    check_state: TestState, tracked: Tracked, disposition: str | None
) -> None:
    changes = {} if disposition is None else {"disposition": disposition}
    assert check_state("Decide", tracked(**changes))["nextState"] == "WaitForNextAttempt"


@pytest.mark.parametrize(
    ("next_attempt_at", "next_state"),
    [
        ("2026-11-23T00:14:30.000+08:00", "WaitForNextAttempt"),
        ("2026-11-23T00:14:59.999+08:00", "WaitForNextAttempt"),
        ("2026-11-22T16:14:59.999Z", "WaitForNextAttempt"),
        ("2026-11-23T00:15:00.000+08:00", "ReportUnresolved"),
        ("2026-11-22T16:15:00.000Z", "ReportUnresolved"),
        ("2026-11-23T00:15:00.001+08:00", "ReportUnresolved"),
    ],
)
def test_before_the_cutoff_means_before_whatever_the_offset(
    check_state: TestState,
    tracked: Tracked,
    reference: Reference,
    states: dict[str, State],
    next_attempt_at: str,
    next_state: str,
) -> None:
    state_input = tracked(nextAttemptAt=next_attempt_at, disposition="RETRY")
    context = {"Execution": {"StartTime": "2026-11-22T15:57:08.120Z"}}
    assert check_state("Decide", state_input)["nextState"] == next_state
    by_reference = chosen(reference, states["Decide"], NOW, input=state_input, context=context)
    assert by_reference == next_state


def test_the_input_passes_unchanged(check_state: TestState, tracked: Tracked) -> None:
    state_input = tracked(disposition="RETRY", resultCode="UNKNOWN_EXCEPTION")
    assert json.loads(check_state("Decide", state_input)["output"]) == state_input


@pytest.mark.parametrize(
    ("age", "next_state"),
    [
        (GUARD - timedelta(minutes=1), "WaitForNextAttempt"),
        (GUARD + timedelta(minutes=1), "ReportUnresolved"),
    ],
)
def test_an_execution_older_than_any_window_reports_instead_of_waiting_for_its_own_timeout(
    check_state: TestState, tracked: Tracked, age: timedelta, next_state: str
) -> None:
    # A create time in the future: the cutoff is years away.
    state_input = tracked(cutoffAt="2099-01-02T00:15:00.000+08:00")
    started = (datetime.now(UTC) - age).isoformat().replace("+00:00", "Z")
    context = {"Execution": {"Id": "arn", "Name": "name", "StartTime": started}}
    assert check_state("Decide", state_input, context=context)["nextState"] == next_state


@pytest.mark.parametrize(
    ("age", "next_state"),
    [
        (GUARD, "WaitForNextAttempt"),
        (GUARD + timedelta(milliseconds=1), "ReportUnresolved"),
    ],
)
def test_the_guard_is_24_hours_and_30_minutes_to_the_millisecond(
    reference: Reference,
    states: dict[str, State],
    tracked: Tracked,
    age: timedelta,
    next_state: str,
) -> None:
    state_input = tracked(cutoffAt="2099-01-02T00:15:00.000+08:00")
    started = (NOW - age).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    context = {"Execution": {"StartTime": started}}
    found = chosen(reference, states["Decide"], NOW, input=state_input, context=context)
    assert found == next_state


@pytest.mark.parametrize("field", ["nextAttemptAt", "cutoffAt"])
def test_a_moment_that_cannot_be_read_fails_loudly_instead_of_waiting(
    check_state: TestState,
    reference: Reference,
    states: dict[str, State],
    tracked: Tracked,
    field: str,
) -> None:
    state_input = tracked(**{field: "tomorrow"})
    answer = check_state("Decide", state_input)
    assert (answer["status"], answer["error"]) == ("FAILED", "States.QueryEvaluationError")
    with pytest.raises(QueryEvaluationError):
        chosen(reference, states["Decide"], NOW, input=state_input, context={})
