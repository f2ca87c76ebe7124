"""Runs that never took place: payments as the sandbox would have seen them, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.run.cases import Case
from sandbox.run.progress import Progress, Tracker
from sandbox.run.record import Run

BEGAN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TIMEOUT_SECONDS = 8.0
STEP = {
    "at": "2026-11-24T02:00:02.000Z",
    "until": "2026-11-24T02:00:09.500Z",
    "state": "WaitForNextAttempt",
    "data": {"nextAttemptAt": "2026-11-24T02:00:09Z"},
}


def at(second: float) -> datetime:
    return BEGAN + timedelta(seconds=second)


def iso(second: float) -> str:
    return at(second).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def send(
    second: float,
    status: str | None = "S",
    code: str | None = "SUCCESS",
    *,
    took: float | None = 0.02,
    answer: str | None = "signed",
    **more: Any,
) -> dict[str, Any]:
    """An entry of the stand-in's log; `took` is None while it is in flight."""
    ended = None if took is None else iso(second + took)
    answered = status is not None
    return {
        "index": 0,
        "receivedAt": iso(second),
        "answeredAt": ended if answered else None,
        "endedAt": ended,
        "method": "POST",
        "path": "/aps/api/v1/payments/cancelPayment",
        "requestHeaders": {"client-id": "SANDBOX_1", "signature": "algorithm=RSA256…"},
        "scenario": "SUCCEEDS",
        "httpStatus": 200 if answered else None,
        "resultStatus": status,
        "resultCode": code,
        "answer": None if took is None else answer,
        "responseHeaders": {"client-id": "SANDBOX_1"} if answered else None,
        "responseBody": f'{{"result":{{"resultCode":"{code}"}}}}' if answered else None,
        "body": '{"paymentRequestId":"P"}',
        **more,
    }


def no_answer(second: float, took: float = 8.0) -> dict[str, Any]:
    return send(second, None, None, took=took, answer="none")


def note(attempt: int, following: str, *, next_second: float | None = None, **more: Any) -> Any:
    """The function's log line of an attempt."""
    moment = {} if next_second is None else {"nextAttemptAt": iso(next_second)}
    return {"attempt": attempt, "evidence": "signed", "next": following, **moment, **more}


def outcome(name: str, second: float = 1.0, **detail: Any) -> dict[str, Any]:
    """An outcome event."""
    return {
        "detail-type": f"Payment {name}",
        "source": "alipayplus.cancelPayment",
        "detail": {
            "outcomeId": f"{name}:P",
            "outcome": name,
            "furtherAction": "The merchant can start a new payment.",
            "attempts": 1,
            "resultStatus": "S",
            "resultCode": "SUCCESS",
            "firstAttemptAt": iso(0.5),
            "resolvedAt": iso(second),
            "cutoffAt": iso(50_000),
            **detail,
        },
    }


def dead_letter(**attributes: str) -> dict[str, Any]:
    both = {"rejectReason": "paymentCreateTime is missing", "furtherAction": "Correct it."}
    return {"body": '{"paymentRequestId":"P"}', "attributes": both | attributes}


def tracker(status: str = "SUCCEEDED", *, error: str | None = None, **more: Any) -> Tracker:
    ended = None if status == "RUNNING" else iso(9)
    fields: dict[str, Any] = {"name": "P", "cause": None, "started_at": iso(2), **more}
    return Tracker(status=status, error=error, stopped_at=ended, **fields)


def case(payment_id: str = "P", ends: str = "CANCELLED", *, row: str = "", **more: Any) -> Case:
    payment = {"paymentRequestId": payment_id, "paymentCreateTime": "2026-11-24T10:00:00+08:00"}
    return Case(row=row or payment_id, payment=payment, ends=ends, **more)


def cancelled(second: float = 1.0) -> Progress:
    """A payment that is cancelled by its first request."""
    return Progress(
        sends=[send(second)], notes=[note(1, "CANCELLED")], outcomes=[outcome("CANCELLED")]
    )


def run(seen: dict[str, tuple[Case | None, Progress]], *, seconds: float = 20.0) -> Run:
    return Run(
        cases=[case for case, _ in seen.values() if case],
        progress={payment_id: progress for payment_id, (_, progress) in seen.items()},
        began=BEGAN,
        ended=at(seconds),
        timeout_seconds=TIMEOUT_SECONDS,
    )
