"""WaitForNextAttempt: until the moment that the function or the catcher named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.statemachine.definition import State
from tests.statemachine.reference import Reference

type TestState = Callable[..., dict[str, Any]]
type Tracked = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-22T23:58:00.000+08:00",  # the function's form
        "2026-11-22T15:58:00.000Z",  # the catcher's form
        "2020-01-01T00:00:00+08:00",  # long past: at once
    ],
)
def test_it_waits_until_the_next_attempt_and_passes_its_input_on(
    check_state: TestState, tracked: Tracked, moment: str
) -> None:
    state_input = tracked(nextAttemptAt=moment)
    answer = check_state("WaitForNextAttempt", state_input)
    assert (answer["status"], answer["nextState"]) == ("SUCCEEDED", "RequestAttempt")
    assert json.loads(answer["output"]) == state_input


def test_the_moment_is_the_inputs_own(
    reference: Reference, states: dict[str, State], tracked: Tracked
) -> None:
    state = states["WaitForNextAttempt"]
    moment = "2026-11-22T23:58:00.000+08:00"
    state_input = tracked(nextAttemptAt=moment)
    assert reference.fill(state["Timestamp"], datetime.now(UTC), input=state_input) == moment
    assert "Seconds" not in state


@pytest.mark.parametrize("moment", ["soon", "23:58", 1795363080, None])
def test_what_is_no_moment_fails_loudly(
    check_state: TestState, tracked: Tracked, moment: object
) -> None:
    answer = check_state("WaitForNextAttempt", tracked(nextAttemptAt=moment))
    assert (answer["status"], answer["error"]) == ("FAILED", "States.QueryEvaluationError")
