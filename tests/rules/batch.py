"""One batch of payments in one situation, each with an answer of its own, and what came of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.rules.alipay import Alipay
from tests.rules.answers import Reply
from tests.rules.codes import Meaning
from tests.rules.line import CREATED, CUTOFF, DEAD_LETTERS, INVOCATION, UTC8, Line, body, record
from tests.rules.recorder import Recorder
from tests.rules.situations import Closed, Next, Requeue, Situation, Tracker

FINAL = {Meaning.CANCELLED, Meaning.REFUND, Meaning.FAILED}


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer means; `code` is the one that the outcome or the tracker is told."""

    meaning: Meaning
    code: str | None
    status: str | None = None
    says: str = ""


def differences(
    line: Line,
    alipay: Alipay,
    situation: Situation,
    answers: dict[str, Reply],
    expected: dict[str, Expected],
) -> dict[str, str]:
    """Attempt all payments at once; those with effects other than the expected ones."""
    line.clock.now = CUTOFF - timedelta(seconds=situation.left)
    alipay.expect(lambda call: answers[call.payment])
    recorder = Recorder()
    first = line.clock.now - timedelta(seconds=situation.age)
    records: list[Mapping[str, Any]] = [_record(payment, situation, first) for payment in answers]
    kept = line.cancellation(recorder).of_batch(records, INVOCATION)

    assert alipay.faults == []
    called = [call.payment for call in alipay.calls]
    assert sorted(called) == (sorted(answers) if situation.sent else [])
    # Nothing for a payment that is not of the batch, and nothing twice.
    assert set(_payments(recorder)) | set(kept) == set(answers)

    wrong = {}
    for payment in answers:
        seen = _seen(recorder, kept, payment, line.clock.now)
        wanted = _wanted(situation, expected[payment], first)
        if not _equal(seen, wanted):
            wrong[payment] = f"expected {wanted}, got {seen}"
    return wrong


def _record(payment: str, situation: Situation, first: datetime) -> dict[str, Any]:
    tracking = None
    if situation.tracked_attempts is not None:
        tracking = {
            "taskToken": f"token of {payment}",
            "attempts": situation.tracked_attempts,
            "firstAttemptAt": first.isoformat(),
        }
    return record(
        body({"paymentRequestId": payment}, tracking=tracking),
        message_id=payment,
        receives=situation.receives,
        # A tracked request is a new message: its own first receive says nothing.
        first_received=first if tracking is None else CUTOFF - timedelta(seconds=situation.left),
    )


def _wanted(situation: Situation, expected: Expected, first: datetime) -> dict[str, Any]:
    tracked = situation.tracked_attempts is not None
    if expected.meaning in FINAL and situation.sent:
        wanted: dict[str, Any] = {
            "event": (expected.meaning.value, expected.status, expected.code, situation.attempt),
            "says": expected.says,
        }
        if expected.meaning is Meaning.FAILED:
            wanted["task failed" if tracked else "dead"] = expected.code
        elif tracked:
            wanted["told"] = (
                expected.meaning.name.replace("REFUND", "REFUND_REQUIRED"),
                situation.attempt,
                expected.code,
            )
        return wanted
    throttled = expected.meaning is Meaning.THROTTLED
    following: Next = situation.throttled if throttled else situation.unknown
    if isinstance(following, Requeue):
        return {"kept": following}
    wanted = {"next": following}
    if tracked:
        wanted["told"] = ("RETRY", situation.attempt, expected.code if situation.sent else None)
    else:
        wanted["started"] = (situation.attempt, first, CREATED)
    return wanted


def _seen(recorder: Recorder, kept: list[str], payment: str, now: datetime) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for event in _of(recorder.events_put, payment):
        assert event["cutoffAt"] == CUTOFF.isoformat(timespec="milliseconds")
        seen["event"] = (
            event["detail-type"],
            event["resultStatus"],
            event["resultCode"],
            event["attempts"],
        )
        seen["says"] = event["furtherAction"]
    for letter in recorder.dead:
        if json.loads(letter["body"])["paymentRequestId"] == payment:
            assert letter["to"] == DEAD_LETTERS and letter["rejectReason"]
            assert letter["body"] == body({"paymentRequestId": payment})
            assert letter["furtherAction"] == seen["says"]
            seen["dead"] = letter["resultCode"]
    for execution in recorder.started:
        if execution["payment"]["paymentRequestId"] == payment:
            began = datetime.fromisoformat(execution["firstAttemptAt"])
            seen["started"] = (
                execution["attempts"],
                began,
                execution["payment"]["paymentCreateTime"],
            )
            assert datetime.fromisoformat(execution["cutoffAt"]) == CUTOFF
            seen["next"] = _moment(execution["nextAttemptAt"], now)
    for answer in recorder.told:
        if answer["token"] == f"token of {payment}":
            seen["told"] = (answer["disposition"], answer["attempts"], answer.get("resultCode"))
            if "nextAttemptAt" in answer:
                seen["next"] = _moment(answer["nextAttemptAt"], now)
    for failure in recorder.failed:
        if failure["token"] == f"token of {payment}":
            assert failure["cause"] == seen["says"]
            seen["task failed"] = failure["error"]
    if payment in kept:
        seen["kept"] = recorder.hidden[f"receipt of {payment}"]
    return seen


def _moment(text: str, now: datetime) -> float | Closed:
    moment = datetime.fromisoformat(text).astimezone(UTC8)
    return Closed() if moment == CUTOFF else (moment - now).total_seconds()


def _equal(seen: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return seen.keys() == wanted.keys() and all(
        _fits(seen[name], value) for name, value in wanted.items()
    )


def _fits(seen: Any, wanted: Any) -> bool:
    match wanted:
        case Requeue(least, most):
            return isinstance(seen, int) and least <= seen <= most
        case Tracker(least, most):
            # Moments are written to the millisecond.
            return isinstance(seen, float) and least - 0.001 <= seen <= most
        case str() if isinstance(seen, str):
            return wanted in seen
        case _:
            return bool(seen == wanted)


def _of(details: list[dict[str, Any]], payment: str) -> Iterable[dict[str, Any]]:
    return [one for one in details if one.get("paymentRequestId") == payment]


def _payments(recorder: Recorder) -> Iterable[str]:
    yield from (one["paymentRequestId"] for one in recorder.events_put)
    yield from (json.loads(one["body"])["paymentRequestId"] for one in recorder.dead)
    yield from (one["payment"]["paymentRequestId"] for one in recorder.started)
    yield from (one["token"].removeprefix("token of ") for one in recorder.told + recorder.failed)
    yield from (receipt.removeprefix("receipt of ") for receipt in recorder.hidden)
