"""One payment in the record of a run, without what is secret or endless: pure."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sandbox.gateway import clock
from sandbox.gateway.request_log import shown
from sandbox.run.attempt import Attempt, attempts
from sandbox.run.cases import Case
from sandbox.run.progress import Progress, Tracker
from sandbox.run.verdict import faults
from sandbox.run.waiting import outcome, reason

_OF_THE_FUNCTION = (
    "evidence",
    "reason",
    "latencyMs",
    "tracked",
    "next",
    "nextAttemptAt",
    "furtherAction",
)


def payment_record(
    payment_id: str, case: Case | None, seen: Progress, began: datetime
) -> dict[str, Any]:
    """Return one entry of `payments`, as `sandbox.run.record` describes it."""
    return {
        "id": payment_id,
        "shows": case.row if case else "",
        "event": {"detailType": case.event, "detail": dict(case.payment)} if case else None,
        "outcome": outcome(seen),
        "reason": reason(seen),
        "carriedBy": "tracker" if seen.trackers else "queue",
        "expected": _expected(case) if case else None,
        "faults": faults(case, seen) if case else [],
        "attempts": [_attempt(one, began) for one in attempts(seen)],
        "trackers": [_tracker(one) for one in seen.trackers],
        "outcomes": list(seen.outcomes),
        "refunds": list(seen.refunds),
        "operatorCases": list(seen.operator_cases),
        "deadLetters": list(seen.dead_letters),
    }


def _expected(case: Case) -> dict[str, Any]:
    return {
        "outcome": case.ends,
        "attempts": case.sends,
        "resultCode": case.code,
        "tracker": case.tracker,
        "error": case.error,
        "deadLetter": case.dead_letter,
    }


def _attempt(one: Attempt, began: datetime) -> dict[str, Any]:
    entry = one.entry
    answered = entry["responseHeaders"] is not None
    return {
        "number": one.number,
        "beganAt": clock.log_form(one.began),
        "endedAt": clock.log_form(one.ended) if one.ended else None,
        "second": _second(one.began, began),
        "endSecond": _second(one.ended, began) if one.ended else None,
        "kind": one.kind.value,
        "words": one.words,
        "scenario": entry["scenario"],
        "answer": entry["answer"],
        "request": {
            "method": entry["method"],
            "path": entry["path"],
            "headers": _safe(entry["requestHeaders"]),
            "body": entry["body"],
        },
        "response": {
            "status": entry["httpStatus"],
            "headers": _safe(entry["responseHeaders"]),
            "body": entry["responseBody"],
        }
        if answered
        else None,
        "function": {name: one.note[name] for name in _OF_THE_FUNCTION if name in one.note}
        if one.note
        else None,
    }


def _safe(headers: Mapping[str, str]) -> dict[str, str]:
    # The log has shortened them already: what leaves the sandbox does not rest on that alone.
    return shown([(name.lower(), value) for name, value in headers.items()])


def _tracker(one: Tracker) -> dict[str, Any]:
    fields = asdict(one)
    return {
        **{name: fields[name] for name in ("name", "status", "error", "cause")},
        "startedAt": one.started_at,
        "stoppedAt": one.stopped_at,
        "steps": fields["steps"],
    }


def _second(moment: datetime, began: datetime) -> float:
    return round((moment - began).total_seconds(), 3)
