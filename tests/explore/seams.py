"""What the handler is given instead of the world: a script of answers, and all its seams over it.

The handler is deterministic but for its clock, its jitter and what it calls. Here each call is a
step: its answer is the script's next one, or the run stops there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

from botocore.exceptions import ClientError, ReadTimeoutError
from cancel_payment.alipay.credentials import CredentialsError
from cancel_payment.alipay.result import (
    Evidence,
    Proof,
    Result,
    no_answer,
    not_sent,
    unproven,
)
from cancel_payment.clock import Deadline

from tests.explore.values import Moment

QUEUE, DEAD_LETTERS = "https://sqs.example/payment-timeouts", "https://sqs.example/dead-letters"
STATE_MACHINE = "arn:aws:states:us-east-1:111122223333:stateMachine:cancel-until-cutoff"
_PROOF = Proof("client", "", b"{}", "", "1", b"signature", b"{}")


class Action(NamedTuple):
    """What the handler does: one call, or its return with the ids of the messages to keep."""

    kind: str
    entries: tuple[Any, ...]


class Answered(NamedTuple):
    """How a call went: ``ok``, ``refused`` or ``lost`` (done, and its answer lost); of a batch,
    `refused` are the entries that failed; `value` is what the call returns or its error's code."""

    how: str
    value: Any = None
    refused: tuple[int, ...] = ()


type Responses = tuple[tuple[Answered, Moment], ...]

OK = Answered("ok")
# What the world most often answers: a run that is stopped anyway goes on with these, so that the
# steps after it are known when they are asked for.
GUESSES = {
    "secret": OK,
    "before send": OK,
    "send": Answered("U"),
    "heard": OK,
    "visibility": OK,
    "put events": OK,
    "start execution": OK,
    "task success": OK,
    "task failure": OK,
    "dead letter": OK,
}


class Stopped(BaseException):
    """The handler is suspended at a step whose answer is not known yet."""


class Script:
    """The answers so far, the actions they followed, and the clock that they move."""

    def __init__(self, start: datetime, began: Moment, responses: Responses) -> None:
        self._start, self._now = start, began
        self.given = list(responses)
        self.actions: list[Action] = []

    def now(self) -> datetime:
        return self._start + timedelta(milliseconds=self._now)

    def monotonic(self) -> float:
        return self._now / 1000

    def milliseconds(self, moment: datetime) -> Moment:
        return round((moment - self._start) / timedelta(milliseconds=1))

    def ask(self, kind: str, *entries: Any) -> Answered:
        """Do this; its answer, or the end of the run."""
        step = len(self.actions)
        self.actions.append(Action(kind, entries))
        if step == len(self.given):
            if kind not in GUESSES:
                raise Stopped
            self.given.append((GUESSES[kind], self._now))
        answered, self._now = self.given[step]
        return answered

    def call(self, kind: str, *entries: Any) -> Answered:
        """Do this call of AWS; raises as boto3 does."""
        answered = self.ask(kind, *entries)
        if answered.how == "refused":
            code = answered.value or "ThrottlingException"
            raise ClientError({"Error": {"Code": code, "Message": ""}}, "Operation")
        if answered.how == "lost":
            raise ReadTimeoutError(endpoint_url="https://aws.example")
        return answered


class Gateway:
    """Alipay+ as the handler sees it: one call, and a result."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def cancel(
        self, payment: Any, credentials: Any, deadline: Deadline, permit: Callable[[], str | None]
    ) -> Result:
        named = (*payment.parameters.values(), payment.create_time)
        self._script.ask("before send", named)
        if reason := permit():
            return not_sent(reason)
        verdict = self._script.ask("send", named).how
        self._script.ask("heard", named, verdict)
        return _RESULTS[verdict]


def _signed(status: Any, code: str) -> Result:
    return Result(status, Evidence.SIGNED, code=code, proof=_PROOF)


_RESULTS = {
    "S": _signed("S", "SUCCESS"),
    "REFUND": _signed("F", "CANCEL_WINDOW_EXCEED"),
    "F": _signed("F", "PROCESS_FAIL"),
    "U": _signed("U", "UNKNOWN_EXCEPTION"),
    "THROTTLED": _signed("U", "REQUEST_TRAFFIC_EXCEED_LIMIT"),
    "none": no_answer("no whole answer within 8 s"),
    "unproven": unproven("the answer is not signed"),
}


class Credentials:
    def __init__(self, script: Script) -> None:
        self._script = script

    def current(self) -> Any:
        if self._script.ask("secret").how != "ok":
            raise CredentialsError("Secrets Manager does not answer")
        return None

    def distrust(self) -> None:
        pass


class Clients:
    """The AWS clients: every call is a step."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.sqs = SimpleNamespace(
            change_message_visibility_batch=self._hide, send_message=self._send_message
        )
        self.events = SimpleNamespace(put_events=self._put_events)
        self.stepfunctions = SimpleNamespace(
            start_execution=self._start_execution,
            describe_execution=self._describe_execution,
            send_task_success=self._send_task_success,
            send_task_failure=self._send_task_failure,
        )

    def _hide(self, *, QueueUrl: str, Entries: Any) -> Any:
        assert QueueUrl == QUEUE
        hidden = [(one["ReceiptHandle"], one["VisibilityTimeout"]) for one in Entries]
        refused = self._script.call("visibility", *hidden).refused
        failed = [{"Id": Entries[one]["Id"], "Code": "InternalError"} for one in refused]
        return {"Failed": failed, "Successful": []}

    def _send_message(self, *, QueueUrl: str, MessageBody: str, MessageAttributes: Any) -> Any:
        assert QueueUrl == DEAD_LETTERS
        reason = MessageAttributes["rejectReason"]["StringValue"]
        self._script.call("dead letter", MessageBody, reason)
        return {"MessageId": "1"}

    def _put_events(self, *, Entries: Any) -> Any:
        events = []
        for one in Entries:
            detail = json.loads(one["Detail"])
            resolved_at = self._script.milliseconds(datetime.fromisoformat(detail["resolvedAt"]))
            ids = tuple(detail[n] for n in ("paymentRequestId", "paymentId") if n in detail)
            events.append((ids, detail["outcome"], resolved_at))
        refused = self._script.call("put events", *events).refused
        entries = [
            {"ErrorCode": "InternalFailure"} if n in refused else {"EventId": "1"}
            for n in range(len(Entries))
        ]
        return {"FailedEntryCount": len(refused), "Entries": entries}

    def _start_execution(self, *, stateMachineArn: str, name: str, input: str) -> Any:
        assert stateMachineArn == STATE_MACHINE
        self._script.call("start execution", name, input)
        return {"executionArn": f"{stateMachineArn}:{name}"}

    def _describe_execution(self, *, executionArn: str) -> Any:
        name = executionArn.rpartition(":")[2]
        status, text = self._script.call("describe execution", name).value
        return {"status": status, "input": text}

    def _send_task_success(self, *, taskToken: str, output: str) -> Any:
        self._script.call("task success", taskToken, output)
        return {}

    def _send_task_failure(self, *, taskToken: str, error: str, cause: str) -> Any:
        assert cause
        self._script.call("task failure", taskToken, error)
        return {}


class Inline(Executor):
    """Does at once what it is given, in its order."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
