"""Executions of a definition on a virtual clock, as the Amazon States Language has them.

Every expression is evaluated by the reference implementation of JSONata. What becomes of a task is
the test's to say. Covers what the definition uses: Choice, Wait, Task with Retry and Catch,
Succeed, Fail. Its counts of events are those of Step Functions' own event types:

    execution   ExecutionStarted, and Execution{Succeeded,Failed,TimedOut}
    state       …StateEntered, …StateExited (a Fail is not exited)
    task        for each attempt: TaskScheduled, TaskStarted, TaskSubmitted, and
                Task{Succeeded,Failed,TimedOut}. A send that fails has three; it is counted as four.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.statemachine.definition import State
from tests.statemachine.reference import QueryEvaluationError, Reference

EXECUTION: Final = "20200101234567890000"
TOKEN: Final = "AQCEAAAAKgAAAAMAAAAAAAAAAexample=="
_EVENTS_OF_AN_ATTEMPT: Final = 4
# docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
_NOT_IN_ALL: Final = {"States.DataLimitExceeded", "States.Runtime"}


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


class TaskError(Exception):
    """An error that Step Functions knows by its name."""


@dataclass(slots=True)
class Run:
    """An execution, from its start to its end."""

    started_at: datetime
    now: datetime
    status: str = "RUNNING"
    error: str | None = None
    output: Any = None
    history_events: int = 2
    entered: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    @property
    def sends(self) -> list[Call]:
        return [call for call in self.calls if call.state == "RequestAttempt"]

    @property
    def reports(self) -> list[Call]:
        return [call for call in self.calls if call.state == "ReportUnresolved"]


class Machine:
    """Runs executions of one definition.

    Parameters
    ----------
    random
        What ``$random()`` yields.
    backoff
        Which part of a retry's delay is waited for; ``JitterStrategy`` FULL: 0 to 1.
    """

    def __init__(
        self,
        definition: Mapping[str, Any],
        reference: Reference,
        random: float,
        backoff: float,
        execution: str = EXECUTION,
    ) -> None:
        self._definition = definition
        self._reference = reference
        self._random = random
        self._backoff = backoff
        self._execution = execution

    def run(
        self,
        data: Any,
        world: World,
        at: datetime = datetime(2026, 11, 22, 15, 57, 9, tzinfo=UTC),
        started_at: datetime | None = None,
    ) -> Run:
        """Run from the first state at `at` to the end."""
        self._reference.random = self._random
        run = Run(started_at or at, at)
        out_of_time = run.started_at + timedelta(seconds=self._definition["TimeoutSeconds"])
        name: str | None = self._definition["StartAt"]
        try:
            while name is not None and run.now <= out_of_time:
                run.entered.append(name)
                run.history_events += 2
                name, data = self._step(run, name, data, world)
            run.status, run.output = "SUCCEEDED", data
        except TaskError as error:
            run.status, run.error = "FAILED", str(error)
        except QueryEvaluationError:
            run.status, run.error = "FAILED", "States.QueryEvaluationError"
        if run.now > out_of_time:
            run.status, run.error, run.output = "TIMED_OUT", "States.Timeout", None
        return run

    def _step(self, run: Run, name: str, data: Any, world: World) -> tuple[str | None, Any]:
        state = self._definition["States"][name]
        match state["Type"]:
            case "Choice":
                rules = state["Choices"]
                holds = (rule for rule in rules if self._fill(run, rule["Condition"], data) is True)
                return next(holds, {"Next": state["Default"]})["Next"], data
            case "Wait":
                try:
                    until = datetime.fromisoformat(self._fill(run, state["Timestamp"], data))
                    run.now = max(run.now, until)
                except (TypeError, ValueError) as error:  # no text, no date, no offset
                    raise QueryEvaluationError(str(error)) from None
                return state["Next"], self._output(run, state, data, data)
            case "Task":
                return self._task(run, name, state, data, world)
            case "Succeed":
                return None, data
            case "Fail":
                run.history_events -= 1
                raise TaskError(state["Error"])
        raise NotImplementedError(state["Type"])

    def _task(self, run: Run, name: str, state: State, data: Any, world: World) -> tuple[str, Any]:
        retried: Counter[int] = Counter()
        while True:
            call = Call(name, self._fill(run, state["Arguments"], data), run.now)
            run.calls.append(call)
            run.history_events += _EVENTS_OF_AN_ATTEMPT
            answer = world(call)
            if answer is None:
                run.now += timedelta(seconds=state["TimeoutSeconds"])
                answer = Answer(error="States.Timeout")
            if answer.error is None:
                result = answer.result
                return state["Next"], self._output(run, state, result, data, result=result)
            delay = _delay(state.get("Retry", []), answer.error, retried)
            if delay is None:
                return self._caught(run, state, data, answer.error)
            run.now += delay * self._backoff

    def _caught(self, run: Run, state: State, data: Any, error: str) -> tuple[str, Any]:
        for catcher in state.get("Catch", []):
            if _matches(catcher, error):
                output = {"Error": error, "Cause": "as the test says"}
                return catcher["Next"], self._fill(run, catcher["Output"], data, errorOutput=output)
        raise TaskError(error)

    def _output(self, run: Run, state: State, default: Any, data: Any, **more: Any) -> Any:
        return self._fill(run, state["Output"], data, **more) if "Output" in state else default

    def _fill(self, run: Run, template: Any, data: Any, **more: Any) -> Any:
        start_time = run.started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        context = {
            "Execution": {"Name": self._execution, "StartTime": start_time},
            "Task": {"Token": TOKEN},
        }
        return self._reference.fill(template, run.now, input=data, context=context, **more)


def _matches(rule: Mapping[str, Any], error: str) -> bool:
    names = set(rule["ErrorEquals"])
    if error in names:
        return True
    if error in _NOT_IN_ALL:
        return False
    return "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout")


def _delay(retries: list[Any], error: str, retried: Counter[int]) -> timedelta | None:
    """The longest delay before the next attempt, by the first rule that names the error."""
    for number, rule in enumerate(retries):
        if _matches(rule, error):
            if retried[number] == rule["MaxAttempts"]:
                return None
            seconds = rule["IntervalSeconds"] * rule["BackoffRate"] ** retried[number]
            retried[number] += 1
            return timedelta(seconds=min(seconds, rule["MaxDelaySeconds"]))
    return None
