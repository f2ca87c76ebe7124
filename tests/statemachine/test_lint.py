"""The definition as a linter of the Amazon States Language sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.statemachine import definition as deployed
from tests.statemachine.asl_lint import lint

type States = dict[str, Any]


def definition() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(lint.filled_in(deployed.FILE.read_text("utf-8")))
    return read


@pytest.fixture(scope="module")
def seeded() -> Callable[[Callable[[States], object]], list[str]]:
    """What the linter finds once a fault is seeded, beyond what it found before."""
    before = lint.findings(definition())

    def find(seed: Callable[[States], object]) -> list[str]:
        faulty = definition()
        seed(faulty["States"])
        return [found for found in lint.findings(faulty) if found not in before]

    return find


def test_the_linter_finds_nothing_in_the_definition() -> None:
    assert lint.findings(definition()) == []


def test_a_dangling_transition_is_caught(seeded: Callable[..., list[str]]) -> None:
    found = seeded(lambda states: states["RequestAttempt"]["Catch"][0].update(Next="Decided"))
    assert any("MISSING_TRANSITION_TARGET" in line and "Decided" in line for line in found)


def test_an_unknown_state_type_is_caught(seeded: Callable[..., list[str]]) -> None:
    found = seeded(lambda states: states["WaitForNextAttempt"].update(Type="Sleep"))
    assert any("/States/WaitForNextAttempt/Type is invalid" in line for line in found)


def test_a_state_without_a_next_is_caught(seeded: Callable[..., list[str]]) -> None:
    found = seeded(lambda states: states["WaitForNextAttempt"].pop("Next"))
    assert any("TERMINAL_STATE_WITH_NEXT" in f and "WaitForNextAttempt" in f for f in found)


def test_a_state_that_nothing_leads_to_is_caught(seeded: Callable[..., list[str]]) -> None:
    found = seeded(lambda states: states.update(Orphan={"Type": "Succeed"}))
    assert found == ["MISSING_TRANSITION_TARGET: State Orphan is not reachable"]


@pytest.mark.parametrize(
    "fault",
    [
        {"Timestamp": "{% $states.input. %}"},  # JSONata that cannot be parsed
        {"InputPath": "$.payment"},  # a field of the other query language
        {"Timestmap": "2026-11-23T00:15:00Z"},  # a field that no state has
    ],
)
def test_a_field_that_the_state_cannot_have_is_caught(
    seeded: Callable[..., list[str]], fault: dict[str, str]
) -> None:
    found = seeded(lambda states: states["WaitForNextAttempt"].update(fault))
    assert any("SCHEMA_VALIDATION_FAILED" in line for line in found)


def test_the_command_tells_findings_from_a_file_that_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
    dangling = {"StartAt": "Gone", "States": {"End": {"Type": "Succeed"}}}
    (tmp_path / "clean.json").write_text(json.dumps(clean))
    (tmp_path / "dangling.json").write_text(json.dumps(dangling))
    (tmp_path / "broken.json").write_text("{")
    codes = [lint.main([str(tmp_path / f"{name}.json")]) for name in ("clean", "dangling")]
    codes += [lint.main([str(tmp_path / f"{name}.json")]) for name in ("broken", "absent")]
    assert codes == [0, 1, 2, 2]
    assert "target: Gone" in capsys.readouterr().err
