"""The state machine's own file, interpreted: one state at a time, under a clock that is given.

Only what the file uses is known here (Choice, Wait, Task with Retry and Catch, Succeed, Fail, in
JSONata); anything else is refused, so that no new construct is explored by guesswork.
Source: docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jsonata import Jsonata  # type: ignore[import-untyped]

from tests.explore.values import BrokenPromiseError, Execution, Moment

FILE = Path(__file__).parents[2] / "statemachine" / "cancel_until_cutoff.asl.json"

REQUEST, REPORT = "sqs:sendMessage.waitForTaskToken", "events:putEvents"
DAY = 24 * 3600 * 1000
# Nobody decides by these; kept, they would make many worlds of one.
_FOR_PEOPLE_ALONE = ("resultCode", "attempts")


def load(**substitutions: str) -> dict[str, Any]:
    """The definition as it is deployed."""
    text = FILE.read_text("utf-8")
    for name, value in substitutions.items():
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text, "a substitution of the state machine that is not known here"
    definition: dict[str, Any] = json.loads(text)
    return definition


class Machine:
    """Moves executions of one definition.

    Parameters
    ----------
    start
        The moment that the world counts from.
    random
        What ``$random()`` yields, always: 0 or just below 1 are the extremes.
    """

    def __init__(self, definition: dict[str, Any], start: datetime, random: float) -> None:
        self._states = definition["States"]
        self._first = definition["StartAt"]
        self._start, self._random = start, random
        self._evaluated: dict[tuple[str, str, Moment], Any] = {}
        # Every step is a function of its arguments; most are asked for again and again.
        for step in ("begin", "task", "arguments", "wait_over", "listens", "succeed", "fail"):
            setattr(self, step, cache(getattr(self, step)))

    def begin(self, name: str, text: str, now: Moment) -> Execution:
        return self._enter(Execution(name, text), self._first, _canonical(json.loads(text)), now)

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
        context = {"Task": {"Token": token}}
        return self._fill(self._states[one.at]["Arguments"], one, now, context=context)

    def wait_over(self, one: Execution, now: Moment) -> Execution:
        return self._leave(one, self._states[one.at], now)

    def listens(self, one: Execution, token: str, now: Moment) -> Execution:
        """The request is on the queue."""
        closing = "requested" if json.loads(one.data).get("closing") else one.closing
        due = now + 1000 * self._fill(self._states[one.at]["TimeoutSeconds"], one, now)
        return one._replace(token=token, due=due, closing=closing)

    def succeed(self, one: Execution, output: str, now: Moment) -> Execution:
        """The Task has ended well, with this result."""
        return self._leave(one, self._states[one.at], now, result=json.loads(output))

    def fail(self, one: Execution, error: str, now: Moment, *, for_good: bool = False) -> Execution:
        """The Task has failed; `for_good`, its retries are used up already."""
        state = self._states[one.at]
        retrier = next((r for r in state.get("Retry", ()) if _matches(r, error)), None)
        if retrier and not for_good and one.retries < retrier.get("MaxAttempts", 3):
            seconds = (
                retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2) ** one.retries
            )
            delay = min(seconds, retrier.get("MaxDelaySeconds", seconds))
            return one._replace(token="", retries=one.retries + 1, due=now + round(delay * 1000))
        for catcher in state.get("Catch", ()):
            if _matches(catcher, error):
                return self._leave(one, catcher, now, errorOutput={"Error": error, "Cause": ""})
        return _ended(one, "FAILED", error)

    def _leave(self, one: Execution, by: dict[str, Any], now: Moment, **more: Any) -> Execution:
        assert "Assign" not in by
        data = one.data
        if "Output" in by:
            data = _canonical(self._fill(by["Output"], one, now, **more))
        elif "result" in more:
            data = _canonical(more["result"])
        return self._enter(one._replace(token="", retries=0), by["Next"], data, now)

    def _enter(self, one: Execution, name: str, data: str, now: Moment) -> Execution:
        state = self._states[name]
        one = one._replace(at=name, data=data)
        match state["Type"]:
            case "Choice":
                for choice in state["Choices"]:
                    if self._fill(choice["Condition"], one, now) is True:
                        return self._leave(one, choice, now)
                return self._enter(one, state["Default"], data, now)
            case "Wait":
                moment = self._fill(state["Timestamp"], one, now)
                return one._replace(due=max(now, self._parse(moment)))
            case "Task":
                return one._replace(due=now)
            case "Succeed":
                return _ended(one, "SUCCEEDED", "")
            case "Fail":
                return _ended(one, "FAILED", state["Error"])
            case other:
                raise NotImplementedError(other)

    def _fill(
        self, template: Any, one: Execution, now: Moment, context: Any = None, **more: Any
    ) -> Any:
        """A field of a state with every ``{% … %}`` in it replaced by its value."""
        if isinstance(template, Mapping):
            filled = {k: self._fill(v, one, now, context, **more) for k, v in template.items()}
            return {k: v for k, v in filled.items() if v is not None}
        if isinstance(template, list):
            return [self._fill(value, one, now, context, **more) for value in template]
        if not isinstance(template, str) or not template.startswith("{%"):
            return template
        # None of these worlds lasts for a day: the age at which a tracker gives up is not reached.
        assert now < DAY
        began = self._format(0)
        states = {
            "input": json.loads(one.data),
            "context": {"Execution": {"Name": one.name, "StartTime": began}, **(context or {})},
            **more,
        }
        key = (template, json.dumps(states), now)
        if key not in self._evaluated:
            self._evaluated[key] = self._evaluate(template, states, now)
        return self._evaluated[key]

    def _evaluate(self, template: str, states: dict[str, Any], now: Moment) -> Any:
        expression = _parsed(template.removeprefix("{%").removesuffix("%}"))
        expression.assign("states", states)
        text = self._format(now)
        millis = round((self._start + timedelta(milliseconds=now)).timestamp() * 1000)
        expression.register_lambda("now", lambda: text)
        expression.register_lambda("millis", lambda: millis)
        expression.register_lambda("random", lambda: self._random)
        try:
            value = expression.evaluate(None)
        except Exception as error:
            raise BrokenPromiseError(f"States.QueryEvaluationError: {template}: {error}") from error
        if value is None:
            raise BrokenPromiseError(f"States.QueryEvaluationError: {template} yields nothing")
        return value

    def _format(self, moment: Moment) -> str:
        text = (self._start + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")

    def _parse(self, text: str) -> Moment:
        if not text.endswith("Z"):
            raise BrokenPromiseError(f"Step Functions waits for times with Z, not for {text}")
        return round(
            (datetime.fromisoformat(text).astimezone(UTC) - self._start) / timedelta(milliseconds=1)
        )


@cache
def _parsed(expression: str) -> Jsonata:
    return Jsonata(expression)


def _matches(rule: dict[str, Any], error: str) -> bool:
    names = rule["ErrorEquals"]
    if error in names or "States.ALL" in names:
        return True
    return "States.TaskFailed" in names and error != "States.Timeout"


def _canonical(data: dict[str, Any]) -> str:
    kept = {name: 0 if name in _FOR_PEOPLE_ALONE else value for name, value in data.items()}
    kept.pop("resultCode", None)
    return json.dumps(kept, sort_keys=True)


def _ended(one: Execution, status: str, error: str) -> Execution:
    """What is over needs its name, its payment and its status alone."""
    return one._replace(status=status, at=error, data="", due=0, token="", retries=0, closing="")
