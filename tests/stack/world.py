"""A running stack, and everything that has come out of it so far."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.stack.lifecycle import Stack

type Message = dict[str, Any]

PATIENCE_SECONDS = 150


class World:
    """Payments whose ids no other run has."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.run = datetime.now(UTC).strftime("%H%M%S")
        self._outcomes: list[Message] = []

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
        """The names of all trackers so far."""
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
