"""The definition as a linter of the Amazon States Language sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.statemachine import definition
from tests.statemachine.asl_lint import lint

WAIT = "WaitForNextAttempt"
# What is changed in a state, and what is then found.
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    (WAIT, {"Next": "Decided"}, "MISSING_TRANSITION_TARGET"),
    ("Orphan", {"Type": "Succeed"}, "State Orphan is not reachable"),
    (WAIT, {"Timestamp": "{% $states.input. %}"}, "SCHEMA_VALIDATION_FAILED"),  # no JSONata
    (WAIT, {"InputPath": "$.payment"}, "SCHEMA_VALIDATION_FAILED"),  # the other query language's
]


def test_the_linter_finds_nothing_in_the_definition() -> None:
    assert lint.main([str(definition.FILE)]) == 0


@pytest.mark.parametrize(("state", "change", "finding"), FAULTS)
def test_a_fault_is_found_and_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    state: str,
    change: dict[str, Any],
    finding: str,
) -> None:
    faulty = json.loads(definition.FILE.read_text("utf-8"))
    faulty["States"].setdefault(state, {}).update(change)
    (tmp_path / "faulty.json").write_text(json.dumps(faulty))
    assert lint.main([str(tmp_path / "faulty.json")]) == 1
    assert finding in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_no_finding(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    assert [lint.main([str(tmp_path / name)]) for name in ("broken.json", "absent.json")] == [2, 2]
