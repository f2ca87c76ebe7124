"""The two ends of an execution."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

type TestState = Callable[..., dict[str, Any]]
type Tracked = Callable[..., dict[str, Any]]


def test_unresolved_fails_the_execution_and_names_the_event(
    check_state: TestState, tracked: Tracked
) -> None:
    answer = check_state("Unresolved", tracked())
    assert (answer["status"], answer["error"]) == ("FAILED", "Unresolved")
    assert "Payment Cancellation Unresolved" in answer["cause"]


def test_resolved_succeeds_with_what_is_known(check_state: TestState, tracked: Tracked) -> None:
    state_input = tracked(disposition="CANCELLED", resultCode="SUCCESS", attempts=13)
    answer = check_state("Resolved", state_input)
    assert answer["status"] == "SUCCEEDED"
    assert "nextState" not in answer
    assert json.loads(answer["output"]) == state_input
