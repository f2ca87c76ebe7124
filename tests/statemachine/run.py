"""An execution from its start to its end on a virtual clock; what becomes of a task is the test's.

Its count of events is that of Step Functions' own event types:

    execution   ExecutionStarted, and Execution{Succeeded,Failed,TimedOut}
    state       …StateEntered, …StateExited (a Fail is not exited)
    task        for each attempt: TaskScheduled, TaskStarted, TaskSubmitted, and
                Task{Succeeded,Failed,TimedOut}. A send that fails has three; it is counted as four.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.statemachine.machine import Execution, Machine, Moment
from tests.statemachine.reference import QueryEvaluationError, Reference

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
