"""What has happened to each payment so far, gathered from where it can be seen: the stand-in's
log, the copy of the outcome events, the dead-letter queue, the tracker's executions."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.stack import Stack


@dataclass
class Progress:
    """One payment as far as it has come."""

    sends: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    dead_letters: list[dict[str, str]] = field(default_factory=list)
    tracker: str | None = None
    """Status of its newest execution."""
    error: str | None = None


class Watch:
    """Gathers; each call of `look` adds what is new."""

    def __init__(self, stack: Stack, ids: Iterable[str]) -> None:
        assert stack.stand_in is not None
        self._stack = stack
        self._stand_in = stack.stand_in
        self.progress = {payment_id: Progress() for payment_id in ids}
        self._next = 0
        self._executions: dict[str, str] = {}

    def look(self) -> None:
        requests, _ = self._stand_in.requests(0)
        for progress in self.progress.values():
            progress.sends = []
        for request in requests:
            self._of(request).sends.append(request)
        for message in self._received(self._stack.outcome_tap_url):
            detail = json.loads(message["Body"])["detail"]
            self._of(detail).outcomes.append(detail)
        for message in self._received(self._stack.dead_letter_queue_url):
            attributes = message.get("MessageAttributes", {})
            self._of(_fields(message["Body"])).dead_letters.append(
                {name: value.get("StringValue", "") for name, value in attributes.items()}
            )
        self._look_at_executions()

    def _look_at_executions(self) -> None:
        client = self._stack.cloud.client("stepfunctions")
        listed = client.list_executions(stateMachineArn=self._stack.state_machine_arn)
        for execution in reversed(listed["executions"]):
            arn, status = execution["executionArn"], execution["status"]
            if self._executions.get(arn) == status:
                continue
            described = client.describe_execution(executionArn=arn)
            progress = self._of(json.loads(described["input"])["payment"])
            progress.tracker, progress.error = described["status"], described.get("error")
            self._executions[arn] = described["status"]

    def _received(self, queue_url: str) -> Iterator[dict[str, Any]]:
        sqs = self._stack.cloud.client("sqs")
        while True:
            messages = sqs.receive_message(
                QueueUrl=queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            ).get("Messages", [])
            if not messages:
                return
            for message in messages:
                yield message
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])

    def _of(self, fields: dict[str, Any]) -> Progress:
        payment_id = fields.get("paymentRequestId") or fields.get("paymentId") or "?"
        return self.progress.setdefault(payment_id, Progress())


def _fields(body: str) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        fields = json.loads(body)
        if isinstance(fields, dict):
            return fields
    return {}
