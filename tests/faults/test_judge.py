"""The judge sees what the planted faults do not show it, and takes nothing else for a fault.

The planted faults (`planted.py`) hold it to an outcome that never came, one that a forged answer
backs, and an attempt too many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

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
LONG_AGO = (NOON - timedelta(days=3)).isoformat()
EXCEED, UNKNOWN = "CANCEL_WINDOW_EXCEED", "UNKNOWN_EXCEPTION"

type Change = Callable[[Evidence], Evidence]


def payment(name: str, *ends: str, created: str = NOON.isoformat()) -> Payment:
    return Payment(name, created, ends, "the message")


def attempt(name: str, at: float, status: str, code: str, *, signed: bool = True) -> Attempt:
    return Attempt(name, T + at, T + at + 0.1, signed, status, code, f"the request of {name}")


def outcome(name: str, at: float, kind: str, code: str | None = None) -> OutcomeEvent:
    return OutcomeEvent(name, kind, code, T + at)


def letter(name: str, code: str | None = None, reason: str | None = "why") -> DeadLetter:
    return DeadLetter(name, "the message", reason, reason and "do", code, T + 9)


# One payment of each kind: no fault was injected and none has happened.
CLEAN = Evidence(
    payments=[
        payment("S", "CANCELLED"),
        payment("REFUND", "REFUND_REQUIRED", "UNRESOLVED", created=LONG_AGO),
        payment("F", "FAILED", "CANCELLED"),
        payment("TRACKED", "FAILED"),
        payment("LATE", "UNRESOLVED", "REFUND_REQUIRED", created=LONG_AGO),
        payment("BAD", "REJECTED"),
    ],
    sent=[Sent(name, T) for name in ("S", "REFUND", "F", "TRACKED", "LATE", "BAD")],
    attempts=[
        attempt("S", 1, "U", UNKNOWN),
        attempt("S", 2, "S", "SUCCESS", signed=False),
        attempt("S", 8, "S", "SUCCESS"),
        attempt("REFUND", 1, "F", EXCEED),
        attempt("F", 1, "F", "PROCESS_FAIL"),
        attempt("TRACKED", 1, "U", "REQUEST_TRAFFIC_EXCEED_LIMIT"),
        attempt("TRACKED", 5, "F", "ACCESS_DENIED"),
        attempt("LATE", 1, "U", UNKNOWN),
    ],
    outcomes=[
        outcome("S", 9, "CANCELLED", "SUCCESS"),
        outcome("REFUND", 2, "REFUND_REQUIRED", EXCEED),
        outcome("F", 2, "FAILED", "PROCESS_FAIL"),
        outcome("TRACKED", 6, "FAILED", "ACCESS_DENIED"),
        outcome("LATE", 3, "UNRESOLVED", UNKNOWN),
    ],
    dead_letters=[letter("F", "PROCESS_FAIL"), letter("BAD")],
    refunds=["REFUND"],
    executions=[
        Execution("TRACKED", "FAILED", "ACCESS_DENIED"),
        Execution("LATE", "FAILED", "Unresolved"),
    ],
)


def more(part: str, *added: Any) -> Change:
    return lambda evidence: replace(evidence, **{part: [*getattr(evidence, part), *added]})


def without(part: str, name: str) -> Change:
    return lambda evidence: replace(
        evidence, **{part: [one for one in getattr(evidence, part) if one.payment != name]}
    )


def changed(part: str, name: str, **fields: Any) -> Change:
    """With other fields in what a part says of a payment."""

    def change(evidence: Evidence) -> Evidence:
        found = getattr(evidence, part)
        key = "id" if part == "payments" else "payment"
        after = [replace(one, **fields) if getattr(one, key) == name else one for one in found]
        return replace(evidence, **{part: after})

    return change


def with_(**fields: Any) -> Change:
    return lambda evidence: replace(evidence, **fields)


ANSWERED_LATE = [
    more("attempts", attempt("LATE", 40, "F", EXCEED)),
    more("outcomes", outcome("LATE", 41, "REFUND_REQUIRED", EXCEED)),
    more("refunds", "LATE"),
]
REPAIRED = [
    more("attempts", attempt("F", 60, "S", "SUCCESS")),
    more("outcomes", outcome("F", 61, "CANCELLED", "SUCCESS")),
]
UNRESOLVED_AFTER = more("outcomes", outcome("REFUND", 50, "UNRESOLVED"))
SILENT = more("attempts", attempt("REFUND", 45, "U", UNKNOWN))
AFTER_CUTOFF = [more("attempts", attempt("LATE", at, "U", UNKNOWN)) for at in (2, 30)]
FAULTS: list[tuple[str, str, list[Change]]] = [
    ("lost", "without a reason", [changed("dead_letters", "BAD", reason=None)]),
    ("lost", "not in the refund queue", [with_(refunds=[])]),
    ("lost", "kept nowhere for a redrive", [without("dead_letters", "F")]),
    ("lost", "kept nowhere for a redrive", [without("executions", "TRACKED")]),
    ("lost", "nothing came of its event", [more("sent", Sent("LATE", T + 60))]),
    ("lost", "its tracker still runs", [changed("executions", "LATE", status="RUNNING")]),
    ("lost", "messages were left", [with_(left=3)]),
    ("invented", "without an answer", [changed("outcomes", "S", at=T + 0.5)]),
    ("invented", "without an answer", [changed("attempts", "REFUND", code="PROCESS_FAIL")]),
    ("invented", "before its cutoff", [changed("payments", "LATE", created=NOON.isoformat())]),
    ("invented", "asked after its cutoff", [without("attempts", "LATE")]),
    ("invented", "which its scenario cannot", [changed("payments", "S", ends=("FAILED",))]),
    ("invented", "never answered", [changed("dead_letters", "BAD", code="PROCESS_FAIL")]),
    ("invented", "nobody sent", [more("outcomes", outcome("X", 1, "CANCELLED", "SUCCESS"))]),
    ("invented", "nobody sent", [more("dead_letters", letter("X"))]),
    ("invented", "as FAILED and as CANCELLED", REPAIRED),
    ("invented", "as UNRESOLVED and as REFUND_REQUIRED", ANSWERED_LATE),
    ("invented", "as REFUND_REQUIRED and as UNRESOLVED", [UNRESOLVED_AFTER, SILENT]),
    (
        "invented",
        "as REFUND_REQUIRED and as UNRESOLVED",
        [UNRESOLVED_AFTER, with_(explained={"REFUND": 1})],
    ),
    ("unwarranted", "cannot be read", [more("attempts", attempt("BAD", 1, "U", UNKNOWN))]),
    ("unwarranted", "after its cutoff", AFTER_CUTOFF),
    (
        "unwarranted",
        "different parameters",
        [more("attempts", replace(CLEAN.attempts[0], body=""))],
    ),
    ("unwarranted", "nobody sent", [more("attempts", attempt("X", 1, "U", UNKNOWN))]),
]
NO_FAULTS: dict[str, list[Change]] = {
    "nothing": [],
    "the same outcome twice": [with_(outcomes=CLEAN.outcomes * 2)],
    "sent again, and answered otherwise": [*REPAIRED, more("sent", Sent("F", T + 59))],
    "an answer that a fault has kept back": [*ANSWERED_LATE, with_(explained={"LATE": 1})],
    "asked again, and no answer": [UNRESOLVED_AFTER, SILENT, with_(explained={"REFUND": 1})],
    "its attempt never arrived": [without("attempts", "LATE"), with_(explained={"LATE": 1})],
    "an attempt after a fault": [
        more("attempts", attempt("S", 30, "S", "SUCCESS")),
        with_(explained={"S": 1}),
    ],
    "a closing call": AFTER_CUTOFF[:1],
}


def after(changes: list[Change]) -> Evidence:
    evidence = CLEAN
    for change in changes:
        evidence = change(evidence)
    return evidence


@pytest.mark.parametrize(("kind", "text", "changes"), FAULTS)
def test_fault_is_found(kind: str, text: str, changes: list[Change]) -> None:
    assert any(text in line for line in getattr(judge(after(changes)), kind))


@pytest.mark.parametrize("changes", NO_FAULTS.values(), ids=NO_FAULTS)
def test_what_a_fault_or_a_second_event_explains_is_none(changes: list[Change]) -> None:
    assert judge(after(changes)).clean, judge(after(changes))
