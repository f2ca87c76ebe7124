"""The judge sees what the planted faults do not show it, and takes nothing else for a fault.

The planted faults (`planted.py`) hold it to an outcome that never came, one that a forged answer
backs, and an attempt too many; here, that each still has its place in the code.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.faults.deployed import ROOT
from tests.faults.evidence import (
    Attempt,
    Case,
    DeadLetter,
    Evidence,
    Execution,
    OutcomeEvent,
    Payment,
)
from tests.faults.judge import judge
from tests.faults.planted import PLANTED, Planted

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
T, TODAY, LONG_AGO = NOON.timestamp(), NOON.isoformat(), (NOON - timedelta(days=3)).isoformat()
EXCEED, UNKNOWN = "CANCEL_WINDOW_EXCEED", "UNKNOWN_EXCEPTION"

type Change = Callable[[Evidence], object]


def case(name: str, *ends: str, created: str = TODAY, **known: Any) -> Case:
    return Case(payment=Payment(name, created, ends, "the message"), sent=[T], **known)


def attempt(at: float, status: str, code: str, *, signed: bool = True) -> Attempt:
    return Attempt(T + at, T + at + 0.1, signed, status, code, "the request")


def outcome(at: float, kind: str, code: str | None = None) -> OutcomeEvent:
    return OutcomeEvent(kind, code, T + at)


def letter(code: str | None = None) -> DeadLetter:
    return DeadLetter("why", "what to do", code, T + 9)


def clean() -> Evidence:
    """One payment of each kind: no fault was injected and none has happened."""
    cases = [
        case(
            *("S", "CANCELLED"),
            attempts=[
                attempt(1, "U", UNKNOWN),
                attempt(2, "S", "SUCCESS", signed=False),
                attempt(8, "S", "SUCCESS"),
            ],
            outcomes=[outcome(9, "CANCELLED", "SUCCESS")],
        ),
        case(
            *("REFUND", "REFUND_REQUIRED", "UNRESOLVED"),
            created=LONG_AGO,
            attempts=[attempt(1, "F", EXCEED)],
            outcomes=[outcome(2, "REFUND_REQUIRED", EXCEED)],
            refunds=1,
        ),
        case(
            *("F", "FAILED", "CANCELLED"),
            attempts=[attempt(1, "F", "PROCESS_FAIL")],
            outcomes=[outcome(2, "FAILED", "PROCESS_FAIL")],
            letters=[letter("PROCESS_FAIL")],
        ),
        case(
            *("TRACKED", "FAILED"),
            attempts=[attempt(1, "U", UNKNOWN), attempt(5, "F", "ACCESS_DENIED")],
            outcomes=[outcome(6, "FAILED", "ACCESS_DENIED")],
            executions=[Execution("FAILED", "ACCESS_DENIED")],
        ),
        case(
            *("LATE", "UNRESOLVED", "REFUND_REQUIRED"),
            created=LONG_AGO,
            attempts=[attempt(1, "U", UNKNOWN)],
            outcomes=[outcome(3, "UNRESOLVED", UNKNOWN)],
            executions=[Execution("FAILED", "Unresolved")],
        ),
        case("BAD", "REJECTED", letters=[letter()]),
    ]
    return Evidence(cases={one.payment.id: one for one in cases})


def of(name: str, **known: Any) -> Change:
    """With other things known of a payment."""
    return lambda evidence: vars(evidence.cases[name]).update(known)


def more(name: str, part: str, added: Any) -> Change:
    return lambda evidence: getattr(evidence.cases[name], part).append(added)


def planned(name: str, **fields: Any) -> Change:
    return lambda evidence: of(name, payment=replace(evidence.cases[name].payment, **fields))(
        evidence
    )


ANSWERED_LATE = [
    more("LATE", "attempts", attempt(40, "F", EXCEED)),
    more("LATE", "outcomes", outcome(41, "REFUND_REQUIRED", EXCEED)),
    of("LATE", refunds=1),
]
REPAIRED = [
    more("F", "attempts", attempt(60, "S", "SUCCESS")),
    more("F", "outcomes", outcome(61, "CANCELLED", "SUCCESS")),
]
UNRESOLVED_AFTER = more("REFUND", "outcomes", outcome(50, "UNRESOLVED"))
SILENT = more("REFUND", "attempts", attempt(45, "U", UNKNOWN))
AFTER_CUTOFF = [more("LATE", "attempts", attempt(at, "U", UNKNOWN)) for at in (2, 30)]
FAULTS: list[tuple[str, str, list[Change]]] = [
    ("lost", "without a reason", [of("BAD", letters=[DeadLetter(None, None, None, T + 9)])]),
    ("lost", "not in the refund queue", [of("REFUND", refunds=0)]),
    ("lost", "kept nowhere for a redrive", [of("F", letters=[])]),
    ("lost", "kept nowhere for a redrive", [of("TRACKED", executions=[])]),
    ("lost", "nothing came of its event", [more("LATE", "sent", T + 60)]),
    ("lost", "its tracker still runs", [of("LATE", executions=[Execution("RUNNING", None)])]),
    ("lost", "messages were left", [lambda evidence: setattr(evidence, "left", 3)]),
    ("invented", "without an answer", [of("S", outcomes=[outcome(0.5, "CANCELLED", "SUCCESS")])]),
    ("invented", "without an answer", [of("REFUND", attempts=[attempt(1, "F", "PROCESS_FAIL")])]),
    ("invented", "before its cutoff", [planned("LATE", created=TODAY)]),
    ("invented", "asked after its cutoff", [of("LATE", attempts=[])]),
    ("invented", "which its scenario cannot", [planned("S", ends=("FAILED",))]),
    ("invented", "never answered", [of("BAD", letters=[letter("PROCESS_FAIL")])]),
    ("invented", "nobody sent", [lambda evidence: evidence.strays.append("X: CANCELLED")]),
    ("invented", "as FAILED and as CANCELLED", REPAIRED),
    ("invented", "as UNRESOLVED and as REFUND_REQUIRED", ANSWERED_LATE),
    ("invented", "as REFUND_REQUIRED and as UNRESOLVED", [UNRESOLVED_AFTER, SILENT]),
    (
        *("invented", "as REFUND_REQUIRED and as UNRESOLVED"),
        [UNRESOLVED_AFTER, of("REFUND", explained=1)],
    ),
    ("unwarranted", "cannot be read", [more("BAD", "attempts", attempt(1, "U", UNKNOWN))]),
    ("unwarranted", "after its cutoff", AFTER_CUTOFF),
    (
        *("unwarranted", "different parameters"),
        [more("S", "attempts", replace(attempt(3, "U", UNKNOWN), body="another"))],
    ),
]
NO_FAULTS: dict[str, list[Change]] = {
    "nothing": [],
    "the same outcome twice": [more("S", "outcomes", outcome(10, "CANCELLED", "SUCCESS"))],
    "sent again, and answered otherwise": [*REPAIRED, more("F", "sent", T + 59)],
    "an answer that a fault has kept back": [*ANSWERED_LATE, of("LATE", explained=1)],
    "asked again, and no answer": [UNRESOLVED_AFTER, SILENT, of("REFUND", explained=1)],
    "asked again, and not heard": [
        *(UNRESOLVED_AFTER, of("REFUND", explained=1, unheard=[T + 45])),
    ],
    "its attempt never arrived": [of("LATE", attempts=[], explained=1)],
    "an attempt after a fault": [
        *(more("S", "attempts", attempt(30, "S", "SUCCESS")), of("S", explained=1)),
    ],
    "a closing call": AFTER_CUTOFF[:1],
}


def after(changes: list[Change]) -> Evidence:
    evidence = clean()
    for change in changes:
        change(evidence)
    return evidence


@pytest.mark.parametrize(("kind", "text", "changes"), FAULTS)
def test_fault_is_found(kind: str, text: str, changes: list[Change]) -> None:
    assert any(text in line for line in getattr(judge(after(changes)), kind))


@pytest.mark.parametrize("changes", NO_FAULTS.values(), ids=NO_FAULTS)
def test_what_a_fault_or_a_second_event_explains_is_none(changes: list[Change]) -> None:
    assert judge(after(changes)).clean, judge(after(changes))


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_planted_fault_changes_one_place_of_code_that_still_compiles(
    planted: Planted, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "functions" / "cancel_payment", tmp_path / "cancel_payment")
    planted.change(tmp_path)  # raises, unless it finds its one place
    after = tmp_path / "cancel_payment" / f"{planted.module}.py"
    compile(after.read_text(), after.name, "exec")
