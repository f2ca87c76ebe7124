"""Whole executions in the emulator, each task's answers mocked or given by the test itself.

Mocks are in the format of Step Functions Local: a test case names the answers of each state, one
for each time that the state is entered, ``{"Return": …}`` or ``{"Throw": …}``.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.cloud import Cloud

_NAME: Final = "cancel-until-cutoff"
_ROLE: Final = "arn:aws:iam::000000000000:role/tracker"
_SECONDS: Final = 20.0

type Answer = Mapping[str, Any]


def returns(**result: Any) -> Answer:
    """A task that succeeds."""
    return {"Return": result}


def throws(error: str, cause: str = "as mocked") -> Answer:
    """A task that fails."""
    return {"Throw": {"Error": error, "Cause": cause}}


@dataclass(frozen=True, slots=True)
class Ended:
    """An execution that has ended."""

    status: str
    error: str | None
    cause: str | None
    output: Any
    events: Sequence[Mapping[str, Any]]

    @property
    def entered(self) -> list[str]:
        """The states in the order in which they were entered: what AWS bills as transitions."""
        return [
            event["stateEnteredEventDetails"]["name"]
            for event in self.events
            if event["type"].endswith("StateEntered")
        ]

    def inputs_of(self, state: str) -> list[Any]:
        """What a state was given, each time."""
        entered = [event.get("stateEnteredEventDetails", {}) for event in self.events]
        return [json.loads(event["input"]) for event in entered if event.get("name") == state]

    def count(self, event_type: str) -> int:
        return sum(event["type"] == event_type for event in self.events)


class Executions:
    """Starts executions of one state machine and waits for their end."""

    def __init__(
        self,
        cloud: Cloud,
        definition: dict[str, Any],
        configure: Callable[[dict[str, Any]], None],
    ) -> None:
        self._client = cloud.client("stepfunctions")
        self._configure = configure
        self._arn = self._client.create_state_machine(
            name=_NAME, definition=json.dumps(definition), roleArn=_ROLE, type="STANDARD"
        )["stateMachineArn"]

    def mocked(self, execution_input: Any, **answers: Sequence[Answer]) -> Ended:
        """Run with mocked answers, by state."""
        case = f"case-{uuid.uuid4().hex[:8]}"
        responses = {
            state: {str(number): answer for number, answer in enumerate(given)}
            for state, given in answers.items()
        }
        machines = {_NAME: {"TestCases": {case: {state: state for state in answers}}}}
        mocks = {"StateMachines": machines, "MockedResponses": responses}
        self._configure({"stepfunctions._sfn_mock_config": mocks})
        return self.ended(self.start(execution_input, f"{self._arn}#{case}"))

    def start(self, execution_input: Any, arn: str | None = None) -> str:
        """Start one; its tasks are real unless the arn names a test case."""
        started = self._client.start_execution(
            stateMachineArn=arn or self._arn,
            name=uuid.uuid4().hex,
            input=json.dumps(execution_input),
        )
        execution: str = started["executionArn"]
        return execution

    def ended(self, execution: str) -> Ended:
        """Wait for the end of one."""
        until = time.monotonic() + _SECONDS
        while (found := self._client.describe_execution(executionArn=execution))[
            "status"
        ] == "RUNNING":
            assert time.monotonic() < until, f"still running: {execution}"
            time.sleep(0.05)
        history = self._client.get_execution_history(executionArn=execution, maxResults=1000)
        output = found.get("output")
        return Ended(
            found["status"],
            found.get("error"),
            found.get("cause"),
            None if output is None else json.loads(output),
            history["events"],
        )
