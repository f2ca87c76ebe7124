"""A running stack, and everything that has come out of it so far."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.stack.lifecycle import Stack

type Message = dict[str, Any]

PATIENCE_SECONDS = 150
GATEWAY_TIMEOUT_SECONDS = 2


class World:
    """One run of all scenarios."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.run = datetime.now(UTC).strftime("%H%M%S")
        self._outcomes: list[Message] = []
        self._rejected: list[Message] = []
        self._refunds: list[Message] = []

    def id(self, scenario: str) -> str:
        return f"{scenario}-{self.run}"

    def event(self, scenario: str, created: datetime | None = None) -> dict[str, str]:
        created = created or datetime.now(UTC)
        return {
            "paymentRequestId": self.id(scenario),
            "paymentId": f"2099{abs(hash(scenario)) % 10**16}",
            "paymentCreateTime": created.isoformat(timespec="seconds"),
        }

    def outcomes(self, scenario: str) -> list[Message]:
        """All outcome events of a payment that are there by now."""
        _drain(self.stack, self.stack.outcome_tap_url, self._outcomes)
        events = [json.loads(one["Body"]) for one in self._outcomes]
        return [one for one in events if one["detail"]["paymentRequestId"] == self.id(scenario)]

    def outcome(self, scenario: str) -> Message:
        """The outcome event of a payment, as soon as there is one."""
        return eventually(lambda: self.outcomes(scenario), f"an outcome of {scenario}")[0]

    def rejected(self, part_of_body: str) -> Message:
        """The message in the dead-letter queue whose body holds this text."""

        def find() -> list[Message]:
            _drain(self.stack, self.stack.dead_letter_queue_url, self._rejected)
            return [one for one in self._rejected if part_of_body in one["Body"]]

        return eventually(find, f"{part_of_body} in the dead-letter queue")[0]

    def refund(self, scenario: str) -> Message:
        """The event in the refund queue."""

        def find() -> list[Message]:
            _drain(self.stack, self.stack.refund_queue_url, self._refunds)
            return [one for one in self._refunds if self.id(scenario) in one["Body"]]

        return eventually(find, f"{scenario} in the refund queue")[0]

    def sends(self, scenario: str) -> list[Message]:
        """What the stand-in has logged of a payment."""
        assert self.stack.stand_in is not None
        return self.stack.stand_in.requests(paymentRequestId=self.id(scenario))[0]

    def execution(self, scenario: str) -> Message:
        """A payment's tracker, as soon as it has ended."""
        arn = self.stack.state_machine_arn.replace(":stateMachine:", ":execution:")
        client = self.stack.cloud.client("stepfunctions")

        def ended() -> Message | None:
            found = client.describe_execution(executionArn=f"{arn}:{self.id(scenario)}")
            return found if found["status"] != "RUNNING" else None

        return eventually(ended, f"the end of the tracker of {scenario}")

    def executions(self) -> set[str]:
        client = self.stack.cloud.client("stepfunctions")
        pages = client.get_paginator("list_executions").paginate(
            stateMachineArn=self.stack.state_machine_arn
        )
        return {one["name"] for page in pages for one in page["executions"]}


def eventually[T](look: Callable[[], T], what: str) -> T:
    """What `look` finds, as soon as it finds something."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"waited {PATIENCE_SECONDS} s in vain for {what}")


def gaps(sends: list[Message]) -> list[float]:
    """Seconds from the end of each attempt (answer or timeout) to the next send, by the
    stand-in's log."""
    began = [datetime.fromisoformat(one["receivedAt"]) for one in sends]
    ended = [
        datetime.fromisoformat(one["answeredAt"])
        if one["answeredAt"]
        else start + timedelta(seconds=GATEWAY_TIMEOUT_SECONDS)
        for one, start in zip(sends, began, strict=True)
    ]
    return [
        (after - before).total_seconds()
        for before, after in zip(ended[:-1], began[1:], strict=True)
    ]


def _drain(stack: Stack, queue_url: str, into: list[Message]) -> None:
    sqs = stack.cloud.client("sqs")
    while True:
        messages = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages", [])
        if not messages:
            return
        into.extend(messages)
        for one in messages:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=one["ReceiptHandle"])
