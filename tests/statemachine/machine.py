"""The Amazon States Language, a step at a time: executions as values, under a clock that is given.

Only what the definition uses is known here (Choice, Wait, Task with Retry and Catch, Succeed, Fail,
in JSONata); anything else is refused, so that no new construct is judged by guesswork.
Source: docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from tests.statemachine.reference import QueryEvaluationError, Reference

REQUEST, REPORT = "sqs:sendMessage.waitForTaskToken", "events:putEvents"
# docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
_NOT_IN_ALL: Final = {"States.DataLimitExceeded", "States.Runtime"}

type Moment = int
"""Milliseconds since the start that the machine was given."""


class Execution(NamedTuple):
    """An execution of the state machine.

    Attributes
    ----------
    input, data
        JSON: what it was started with, and the input of the state that it is in.
    at
        The state it is in, or the error under which it has failed.
    due
        When the state is left by itself: its wait is over, its token times out; of a task that is
        to be called, the moment of that.
    token
        The token it waits for; empty before its request is on the queue.
    closing
        What became of the closing call, for those who ask: ``""``, ``"requested"``, ``"sent"``,
        ``"timed out"`` or ``"unreachable"``.
    """

    name: str
    input: str
    status: str = "RUNNING"
    at: str = ""
    data: str = ""
    due: Moment = 0
    token: str = ""
    retries: int = 0
    closing: str = ""


class Machine:
    """Moves executions of one definition; every step raises `QueryEvaluationError`.

    Parameters
    ----------
    start
        The moment that times count from, and at which every execution is taken to have started.
    random
        What ``$random()`` yields, always: 0 or just below 1 are the extremes.
    backoff
        Which part of a retry's delay is waited for; ``JitterStrategy`` FULL: 0 to 1.
    """

    def __init__(
        self,
        definition: Mapping[str, Any],
        reference: Reference,
        start: datetime,
        random: float = 0.5,
        backoff: float = 1.0,
    ) -> None:
        self.definition = definition
        self._states = definition["States"]
        self._reference, self._random, self._backoff = reference, random, backoff
        self._start = start

    def begin(self, name: str, text: str, now: Moment) -> Execution:
        return self._enter(Execution(name, text), self.definition["StartAt"], json.loads(text), now)

    def task(self, one: Execution) -> str:
        """The service that the execution is about to call or waits for; empty in a Wait."""
        state = self._states[one.at]
        if state["Type"] != "Task":
            return ""
        resource: str = state["Resource"].removeprefix("arn:aws:states:::")
        assert resource in {REQUEST, REPORT}
        return resource

    def arguments(self, one: Execution, now: Moment, token: str = "") -> Any:
        """What the Task sends."""
        return self._fill(self._states[one.at]["Arguments"], one, now, token)

    def wait_over(self, one: Execution, now: Moment) -> Execution:
        return self._leave(one, self._states[one.at], now)

    def listens(self, one: Execution, token: str, now: Moment) -> Execution:
        """The Task has called its service, and is not answered yet."""
        return one._replace(token=token, due=now + 1000 * self._states[one.at]["TimeoutSeconds"])

    def succeed(self, one: Execution, result: str, now: Moment) -> Execution:
        """The Task has ended well, with this result in JSON."""
        return self._leave(one, self._states[one.at], now, result=json.loads(result))

    def fail(self, one: Execution, error: str, now: Moment, *, for_good: bool = False) -> Execution:
        """The Task has failed; `for_good`, its retries are used up already."""
        state = self._states[one.at]
        retriers = state.get("Retry", ())
        assert len(retriers) < 2  # each would have a count of its own
        for rule in retriers:
            if _matches(rule, error) and not for_good and one.retries < rule["MaxAttempts"]:
                seconds = rule["IntervalSeconds"] * rule["BackoffRate"] ** one.retries
                delay = 1000 * min(seconds, rule["MaxDelaySeconds"]) * self._backoff
                return one._replace(token="", retries=one.retries + 1, due=now + round(delay))
        for catcher in state.get("Catch", ()):
            if _matches(catcher, error):
                return self._leave(one, catcher, now, errorOutput={"Error": error, "Cause": ""})
        return _ended(one, "FAILED", error)

    def keep(self, data: Any) -> Any:
        """What an execution holds on to, of a state's output."""
        return data

    def _leave(self, one: Execution, by: dict[str, Any], now: Moment, **more: Any) -> Execution:
        assert "Assign" not in by
        data = more.get("result", json.loads(one.data))
        if "Output" in by:
            data = self._fill(by["Output"], one, now, **more)
        return self._enter(one._replace(token="", retries=0), by["Next"], data, now)

    def _enter(self, one: Execution, name: str, data: Any, now: Moment) -> Execution:
        state = self._states[name]
        one = one._replace(at=name, data=json.dumps(self.keep(data), sort_keys=True))
        match state["Type"]:
            case "Choice":
                for rule in state["Choices"]:
                    if self._fill(rule["Condition"], one, now) is True:
                        return self._leave(one, rule, now)
                return self._enter(one, state["Default"], data, now)
            case "Wait":
                moment = self._fill(state["Timestamp"], one, now)
                return one._replace(due=max(now, self._parsed(moment)))
            case "Task":
                return one._replace(due=now)
            case "Succeed":
                return _ended(one, "SUCCEEDED", "")
            case "Fail":
                return _ended(one, "FAILED", state["Error"])
        raise NotImplementedError(state["Type"])

    def _fill(
        self, template: Any, one: Execution, now: Moment, token: str = "", **more: Any
    ) -> Any:
        began = self._start.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        context = {
            "Execution": {"Name": one.name, "StartTime": began},
            "Task": {"Token": token},
        }
        data = json.loads(one.data)
        at = self._start + timedelta(milliseconds=now)
        return self._reference.fill(template, at, self._random, input=data, context=context, **more)

    def _parsed(self, moment: Any) -> Moment:
        try:
            passed = datetime.fromisoformat(moment) - self._start
        except (TypeError, ValueError) as error:  # no text, no date, no offset
            raise QueryEvaluationError(f"a wait until {moment}: {error}") from None
        return round(passed / timedelta(milliseconds=1))


def _matches(rule: Mapping[str, Any], error: str) -> bool:
    names = set(rule["ErrorEquals"])
    if error in names:
        return True
    if error in _NOT_IN_ALL:
        return False
    return "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout")


def _ended(one: Execution, status: str, error: str) -> Execution:
    """What is over needs its name, its input and its status alone."""
    return one._replace(status=status, at=error, data="", due=0, token="", retries=0, closing="")
