"""An execution from its start to its end on a virtual clock; what becomes of a task is the test's.

Its count of events is that of Step Functions' own event types:

    execution   ExecutionStarted, and Execution{Succeeded,Failed,TimedOut}
    state       …StateEntered, …StateExited (a Fail is not exited)
    task        for each attempt: TaskScheduled, TaskStarted, TaskSubmitted, and
                Task{Succeeded,Failed,TimedOut}. A send that fails has three; it is counted as four.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cancel_payment import record
from cancel_payment.alipay.result import no_answer
from cancel_payment.decision import Jitter, SlowRetry, decide
from cancel_payment.model import CancelRequest, Track
from cancel_payment.window import format_moment_utc

from tests.statemachine.machine import Execution, Machine, Moment
from tests.statemachine.reference import QueryEvaluationError, Reference
from tests.support import records

EXECUTION: Final = "20200101234567890000"
TOKEN: Final = "AQCEAAAAKgAAAAMAAAAAAAAAAexample=="
START: Final = datetime(2026, 11, 22, 15, 57, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt of a task."""

    state: str
    arguments: Any
    at: datetime

    @property
    def message(self) -> dict[str, Any]:
        """The body of the message that goes on the queue."""
        body: dict[str, Any] = json.loads(self.arguments["MessageBody"])
        return body


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of an attempt: a result, or an error by its name."""

    result: Any = None
    error: str | None = None


type World = Callable[[Call], Answer | None]
"""None: the task is never answered."""


class Run(Machine):
    """Runs one execution with this input, when it is made; `started_at`: before `at`, if given."""

    def __init__(
        self,
        definition: Mapping[str, Any],
        reference: Reference,
        data: Any,
        world: World,
        at: datetime = START,
        started_at: datetime | None = None,
        *,
        random: float = 0.5,
        backoff: float = 0.5,
        name: str = EXECUTION,
    ) -> None:
        super().__init__(definition, reference, started_at or at, random, backoff)
        self._world = world
        self.now = at
        self.entered: list[str] = []
        self.calls: list[Call] = []
        self.output: Any = None
        limit = self._start + timedelta(seconds=definition["TimeoutSeconds"])
        try:
            one = self.begin(name, json.dumps(data), self._moment())
            while one.status == "RUNNING" and self._on_to(one.due) <= limit:
                one = self._step(one)
            self.status, self.error = one.status, one.at or None
        except QueryEvaluationError:
            self.status, self.error = "FAILED", "States.QueryEvaluationError"
        if self.now > limit:
            self.status, self.error = "TIMED_OUT", "States.Timeout"
        if self.status != "SUCCEEDED":
            self.output = None

    @property
    def sends(self) -> list[Call]:
        return [call for call in self.calls if call.state == "RequestAttempt"]

    @property
    def reports(self) -> list[Call]:
        return [call for call in self.calls if call.state == "ReportUnresolved"]

    @property
    def history_events(self) -> int:
        ends_in = self.definition["States"][self.entered[-1]]["Type"]
        return 2 + 2 * len(self.entered) - (ends_in == "Fail") + 4 * len(self.calls)

    def _step(self, one: Execution) -> Execution:
        if not self.task(one):
            return self.wait_over(one, self._moment())
        call = Call(one.at, self.arguments(one, self._moment(), TOKEN), self.now)
        self.calls.append(call)
        answer = self._world(call)
        if answer is None:
            self._on_to(self.listens(one, TOKEN, self._moment()).due)
            answer = Answer(error="States.Timeout")
        if answer.error is not None:
            return self.fail(one, answer.error, self._moment())
        return self.succeed(one, json.dumps(answer.result), self._moment())

    def _enter(self, one: Execution, name: str, data: Any, now: Moment) -> Execution:
        self.entered.append(name)
        self.output = data
        return super()._enter(one, name, data, now)

    def _on_to(self, due: Moment) -> datetime:
        self.now = max(self.now, self._start + timedelta(milliseconds=due))
        return self.now

    def _moment(self) -> Moment:
        return round((self.now - self._start) / timedelta(milliseconds=1))


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
