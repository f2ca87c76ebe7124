"""What the handler is given instead of the world: a script of answers, and all its seams over it.

The handler is deterministic but for its clock, its jitter and what it calls. Here each call is a
step: its answer is the script's next one, or the run stops there.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
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
_QUEUES = {"change_message_visibility_batch": QUEUE, "send_message": DEAD_LETTERS}
_PROOF = Proof("client", "", b"{}", "", "1", b"signature", b"{}")


class Action(NamedTuple):
    """What the handler does: one call, or its return with the ids of the messages to keep; of a
    call of AWS its operation and its arguments."""

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


def guessed(kind: str) -> Answered | None:
    """What the world most often answers: a run that is stopped anyway goes on with it, so that the
    steps after it are known when they are asked for."""
    if kind == "describe_execution":
        return None
    return Answered("U") if kind == "send" else OK


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

    def ask(self, kind: str, *entries: Any) -> Answered:
        """Do this; its answer, or the end of the run."""
        step = len(self.actions)
        self.actions.append(Action(kind, entries))
        if step == len(self.given):
            guess = guessed(kind)
            if guess is None:
                raise Stopped
            self.given.append((guess, self._now))
        answered, self._now = self.given[step]
        return answered


class Gateway:
    """Alipay+ as the handler sees it: one call, and a result."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def cancel(
        self,
        payment: Any,
        credentials: Any,
        deadline: Deadline,
        permit: Callable[[str], str | None],
    ) -> Result:
        named = (*payment.parameters.values(), payment.create_time)
        self._script.ask("before send", named)
        if reason := permit("sign") or permit("send"):
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
    """The AWS clients: every call is a step, and raises as boto3 does."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.sqs = self.events = self.stepfunctions = self

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        return lambda **arguments: self._call(operation, arguments)

    def _call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert arguments.get("QueueUrl") in {None, _QUEUES.get(operation)}
        assert arguments.get("stateMachineArn", STATE_MACHINE) == STATE_MACHINE
        answered = self._script.ask(operation, arguments)
        if answered.how == "refused":
            code = answered.value or "ThrottlingException"
            raise ClientError({"Error": {"Code": code, "Message": ""}}, operation)
        if answered.how == "lost":
            raise ReadTimeoutError(endpoint_url="https://aws.example")
        entries, refused = arguments.get("Entries", ()), answered.refused
        match operation:
            case "change_message_visibility_batch":
                return {"Failed": [{"Id": entries[n]["Id"], "Code": "Error"} for n in refused]}
            case "put_events":
                results = ("ErrorCode" if n in refused else "EventId" for n in range(len(entries)))
                return {"FailedEntryCount": len(refused), "Entries": [{r: "1"} for r in results]}
            case "describe_execution":
                return dict(zip(("status", "input"), answered.value, strict=True))
        return {"executionArn": "confirmed", "MessageId": "confirmed"}


class Inline(Executor):
    """Does at once what it is given, in its order."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
