"""What becomes of the tasks of an execution: functions, queues and buses for a `Run`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from cancel_payment import record
from cancel_payment.alipay.result import no_answer
from cancel_payment.decision import Jitter, SlowRetry, decide
from cancel_payment.model import CancelRequest, Track
from cancel_payment.window import format_moment_utc

from tests.statemachine.run import Answer, Call, World
from tests.support import records

PUBLISHED = Answer({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})


def returns(disposition: str, attempts: int = 13, **more: Any) -> Answer:
    """What the function tells a waiting tracker."""
    return Answer({"disposition": disposition, "attempts": attempts, **more})


def fails(error: str) -> Answer:
    return Answer(error=error)


def answers(*given: Answer | None) -> World:
    """These to the attempts in this order, then none; every report is published."""
    ahead = iter(given)

    def world(call: Call) -> Answer | None:
        return next(ahead, None) if call.state == "RequestAttempt" else PUBLISHED

    return world


def always(answer: Answer | None, report: Answer | None = PUBLISHED) -> World:
    return lambda call: answer if call.state == "RequestAttempt" else report


def unknown_all_day(jitter: Jitter, slow_max: int, errors: Iterable[str] = ()) -> World:
    """The function itself, whose gateway never answers; each send fails with `errors` before."""
    slow = SlowRetry(timedelta(seconds=60), timedelta(seconds=slow_max))
    ahead: list[str] = []

    def world(call: Call) -> Answer:
        if call.state != "RequestAttempt":
            return PUBLISHED
        if ahead:
            return Answer(error=ahead.pop())
        ahead.extend(errors)
        request = record.read(records.record(call.message))
        assert isinstance(request, CancelRequest), request
        decision = decide(request, no_answer("for the test"), call.at, slow, jitter)
        assert isinstance(decision, Track)
        at = format_moment_utc(decision.next_attempt_at)
        return returns("RETRY", request.attempt, nextAttemptAt=at)

    return world
