"""The four AWS clients over the models, with the faults that AWS calls can have."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.rules.line import DEAD_LETTERS, QUEUE
from tests.rules.model_queue import Queue
from tests.rules.model_tracker import NoSuchTokenError, Trackers


class Fault(Enum):
    """What becomes of one AWS call."""

    NONE = "it works"
    REFUSED = "it is refused, and nothing is done"
    UNHEARD = "it is done, and the answer is lost"
    PARTLY = "of its entries every second one fails, the first included"
    CRASH_BEFORE = "the function dies just before it"
    CRASH_AFTER = "the function dies just after it"


class CrashError(Exception):
    """The function is gone: out of memory, timed out, the machine lost."""


@dataclass
class ModelAws:
    """Clients at the boundary; `faults` befall the next calls, one each."""

    clock: Callable[[], datetime]
    queue: Queue
    trackers: Trackers
    publish: Callable[[str, dict[str, Any]], None]
    faults: deque[Fault] = field(default_factory=deque)

    @property
    def sqs(self) -> ModelAws:
        return self

    stepfunctions = events = sqs

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        def put(entry: dict[str, Any]) -> None:
            self.publish(entry["DetailType"], json.loads(entry["Detail"]))

        failed = self._each(put, Entries)
        codes = [{"ErrorCode": "InternalFailure"} if one else {"EventId": "1"} for one in failed]
        return {"FailedEntryCount": sum(failed), "Entries": codes}

    def change_message_visibility_batch(
        self, *, QueueUrl: str, Entries: list[dict[str, Any]]
    ) -> dict[str, Any]:
        assert QueueUrl == QUEUE

        def hide(entry: dict[str, Any]) -> None:
            self.queue.hide(entry["ReceiptHandle"], entry["VisibilityTimeout"], self.clock())

        failed = self._each(hide, Entries)
        ids = [entry["Id"] for entry, failure in zip(Entries, failed, strict=True) if failure]
        return {"Failed": [{"Id": one, "Code": "ReceiptHandleIsInvalid"} for one in ids]}

    def send_message(self, **message: Any) -> dict[str, Any]:
        assert message["QueueUrl"] == DEAD_LETTERS
        return self._once(lambda: self.queue.dead.append(message["MessageBody"]))

    def start_execution(self, *, name: str, input: str, **more: Any) -> dict[str, Any]:
        def start() -> None:
            if not self.trackers.start(name, input, self.clock()):
                raise _error("ExecutionAlreadyExists")

        return self._once(start)

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:
        self._once(lambda: None)
        one = self.trackers.executions[executionArn.rsplit(":", 1)[1]]
        return {"status": one.status, "input": one.input}

    def send_task_success(self, *, taskToken: str, output: str) -> dict[str, Any]:
        return self._told(lambda: self.trackers.succeed(taskToken, output, self.clock()))

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> dict[str, Any]:
        assert cause
        return self._told(lambda: self.trackers.fail(taskToken, error))

    def _told(self, tell: Callable[[], None]) -> dict[str, Any]:
        def told() -> None:
            try:
                tell()
            except NoSuchTokenError as error:
                raise _error(str(error)) from None

        return self._once(told)

    def _once(self, call: Callable[[], Any]) -> dict[str, Any]:
        self._each(lambda _: call(), [{}])
        return {}

    def _each(
        self, call: Callable[[dict[str, Any]], Any], entries: list[dict[str, Any]]
    ) -> list[bool]:
        """Do it for each entry, as far as the fault lets it; which entries failed."""
        fault = self.faults.popleft() if self.faults else Fault.NONE
        if fault is Fault.CRASH_BEFORE:
            raise CrashError
        if fault is Fault.REFUSED or (fault is Fault.PARTLY and not entries[0]):
            raise _error("ThrottlingException")
        failed = [fault is Fault.PARTLY and number % 2 == 0 for number in range(len(entries))]
        for entry, failure in zip(entries, failed, strict=True):
            if not failure:
                call(entry)
        if fault is Fault.CRASH_AFTER:
            raise CrashError
        if fault is Fault.UNHEARD:
            raise ReadTimeoutError(endpoint_url="https://aws")
        return failed


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "AnyOperation")
