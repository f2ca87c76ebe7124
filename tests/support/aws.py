"""A double of SQS, Step Functions, EventBridge, Secrets Manager and KMS at the HTTP boundary.

The function's own AWS clients talk to it by `AWS_ENDPOINT_URL`. It records every call in order
and succeeds at once, unless a test asks for failures or delays.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

type Parameters = dict[str, Any]
type Reply = tuple[int, dict[str, Any] | bytes]
"""Status and body; bytes are sent as they stand."""


@dataclass(frozen=True)
class Call:
    """One call: `action` as the service names it, and when it came (epoch seconds)."""

    action: str
    parameters: Parameters
    at: float


@dataclass
class Execution:
    """An execution of the state machine; `started` if it was the function that began it."""

    status: str
    input: Parameters
    started: bool = False


def error(code: str, status: int = 400) -> Callable[[Parameters], Reply]:
    """A reply that refuses; statuses below 500 are not tried again by the client."""
    return lambda _: (status, {"__type": code, "message": f"{code} as the test asked"})


def failed_entries(*indexes: int) -> Callable[[Parameters], Reply]:
    """A `PutEvents` reply in which these entries failed."""

    def reply(parameters: Parameters) -> Reply:
        entries = [{"EventId": str(uuid4())} for _ in parameters["Entries"]]
        for index in indexes:
            entries[index] = {"ErrorCode": "InternalFailure", "ErrorMessage": "later"}
        return 200, {"FailedEntryCount": len(indexes), "Entries": entries}

    return reply


@dataclass
class AwsDouble:
    """The services' state as one test sees it; `reset` begins the next test.

    `kms_key` is the key that KMS holds, if any.
    """

    url: str = ""
    kms_key: RSAPrivateKey | None = None
    secret: str = "{}"
    calls: list[Call] = field(default_factory=list)
    executions: dict[str, Execution] = field(default_factory=dict)
    delays: dict[str, tuple[float, str]] = field(default_factory=dict)
    replies: dict[str, Callable[[Parameters], Reply]] = field(default_factory=dict)
    drips: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self, secret: dict[str, Any]) -> None:
        self.secret, self.kms_key = json.dumps(secret), None
        for kept in (self.calls, self.executions, self.replies, self.delays, self.drips):
            kept.clear()

    def fail(self, action: str, code: str, status: int = 400) -> None:
        """Let every call of the action fail from now on."""
        self.replies[action] = error(code, status)

    def delay(self, action: str, seconds: float, about: str = "") -> None:
        """Let calls of the action whose parameters hold this text wait for their answers."""
        self.delays[action] = seconds, about

    def drip(self, action: str, about: str = "") -> None:
        """Answer calls of the action whose parameters hold this text a byte every 0.2 s.

        What drips ends unfinished as soon as `drips` no longer names the action.
        """
        self.drips[action] = about

    def of(self, *actions: str) -> list[Parameters]:
        """The parameters of the calls of these actions, in order."""
        return [call.parameters for call in self.calls if call.action in actions]

    @property
    def actions(self) -> list[str]:
        return [call.action for call in self.calls]

    @property
    def outcomes(self) -> list[tuple[str, dict[str, Any]]]:
        """The events put on the bus: detail-type and detail."""
        entries = [entry for call in self.of("PutEvents") for entry in call["Entries"]]
        return [(entry["DetailType"], json.loads(entry["Detail"])) for entry in entries]

    @property
    def task_outputs(self) -> list[tuple[str, dict[str, Any]]]:
        """What waiting trackers were told by `SendTaskSuccess`: token and output."""
        calls = self.of("SendTaskSuccess")
        return [(call["taskToken"], json.loads(call["output"])) for call in calls]

    @property
    def failed_tasks(self) -> list[tuple[str, str, str]]:
        """What waiting trackers were told by `SendTaskFailure`: token, error and cause."""
        calls = self.of("SendTaskFailure")
        return [(call["taskToken"], call["error"], call["cause"]) for call in calls]

    @property
    def visibility(self) -> list[dict[str, int]]:
        """The visibility timeouts that were set, by receipt handle, call by call."""
        return [
            {one["ReceiptHandle"]: one["VisibilityTimeout"] for one in call["Entries"]}
            for call in self.of("ChangeMessageVisibilityBatch")
        ]

    @property
    def dead_letters(self) -> list[tuple[str, dict[str, str]]]:
        """The messages sent to a queue: body and message attributes."""
        return [
            (
                call["MessageBody"],
                {name: one["StringValue"] for name, one in call["MessageAttributes"].items()},
            )
            for call in self.of("SendMessage")
        ]

    @property
    def started(self) -> dict[str, Any]:
        """The executions that the function started: input by name."""
        return {name: one.input for name, one in self.executions.items() if one.started}

    def serve(self, action: str, parameters: Parameters) -> Reply:
        with self._lock:
            self.calls.append(Call(action, parameters, time.time()))
        seconds, about = self.delays.get(action, (0, ""))
        time.sleep(seconds if about in str(parameters) else 0)
        with self._lock:
            reply = self.replies.get(action) or getattr(self, f"_{action}")
            return reply(parameters)

    def _GetSecretValue(self, parameters: Parameters) -> Reply:
        return 200, {"ARN": parameters["SecretId"], "Name": "s", "SecretString": self.secret}

    def _PutEvents(self, parameters: Parameters) -> Reply:
        return failed_entries()(parameters)

    def _SendMessage(self, _: Parameters) -> Reply:
        return 200, {"MessageId": str(uuid4())}

    def _ChangeMessageVisibilityBatch(self, parameters: Parameters) -> Reply:
        return 200, {"Successful": [{"Id": one["Id"]} for one in parameters["Entries"]]}

    def _SendTaskSuccess(self, _: Parameters) -> Reply:
        return 200, {}

    _SendTaskFailure = _SendTaskSuccess

    def _Sign(self, parameters: Parameters) -> Reply:
        if self.kms_key is None:
            return error("NotFoundException")(parameters)
        assert parameters["MessageType"] == "DIGEST"
        assert parameters["SigningAlgorithm"] == "RSASSA_PKCS1_V1_5_SHA_256"
        digest = base64.b64decode(parameters["Message"])
        signature = base64.b64encode(self.kms_key.sign(digest, PKCS1v15(), Prehashed(SHA256())))
        return 200, {"KeyId": parameters["KeyId"], "Signature": signature.decode()}

    def _StartExecution(self, parameters: Parameters) -> Reply:
        name = parameters["name"]
        if name in self.executions:
            return error("ExecutionAlreadyExists")(parameters)
        self.executions[name] = Execution("RUNNING", json.loads(parameters["input"]), True)
        return 200, {"executionArn": _arn(parameters["stateMachineArn"], name), "startDate": 1}

    def _DescribeExecution(self, parameters: Parameters) -> Reply:
        name = parameters["executionArn"].rpartition(":")[2]
        if name not in self.executions:
            return error("ExecutionDoesNotExist")(parameters)
        execution = self.executions[name]
        return 200, {
            "executionArn": parameters["executionArn"],
            "stateMachineArn": "arn",
            "name": name,
            "status": execution.status,
            "startDate": 1,
            "input": json.dumps(execution.input),
        }


def _arn(machine: str, name: str) -> str:
    return f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
