"""Reads everything that a run has left behind into `Evidence`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sandbox.stack.lifecycle import Stack
from tests.faults.evidence import (
    Attempt,
    DeadLetter,
    Evidence,
    Execution,
    OutcomeEvent,
    Payment,
    Sent,
)

# Truly signed, and still no answer that a careful client takes: too long, or packed.
_NOT_TO_BE_BELIEVED = frozenset({"TOO_LARGE", "HUGE_HEADERS", "COMPRESSED"})


class Collector:
    """Empties the queues of a stack as the run goes on; they would only grow."""

    def __init__(self, stack: Stack, payments: list[Payment]) -> None:
        self.stack = stack
        self.payments = payments
        self.outcomes: list[OutcomeEvent] = []
        self.letters: list[DeadLetter] = []
        self.refunds: list[str] = []
        self._entries: dict[int, dict[str, Any]] = {}
        self._next = 0
        self._names = {one.id for one in payments}
        self._by_body = {one.body: one.id for one in payments}

    def drain(self) -> None:
        stack = self.stack
        self._read_log()
        for message in self._messages(stack.outcome_tap_url):
            detail = json.loads(message["Body"])["detail"]
            self.outcomes.append(
                OutcomeEvent(
                    _name(detail), detail["outcome"], detail.get("resultCode"), _at(message)
                )
            )
        for message in self._messages(stack.refund_queue_url):
            self.refunds.append(_name(json.loads(message["Body"])))
        for message in self._messages(stack.dead_letter_queue_url):
            self.letters.append(self._letter(message))

    def told(self) -> set[str]:
        """The payments of which anything has come out."""
        return {one.payment for one in self.outcomes} | {one.payment or "" for one in self.letters}

    def left(self) -> int:
        """Messages on the queue of payments, in whatever state, and events that were not
        delivered."""
        names = ("", "NotVisible", "Delayed")
        left = 0
        for url in (self.stack.queue_url, self.stack.undelivered_events_queue_url):
            attributes = self.stack.cloud.client("sqs").get_queue_attributes(
                QueueUrl=url,
                AttributeNames=[f"ApproximateNumberOfMessages{name}" for name in names],
            )["Attributes"]
            left += sum(int(number) for number in attributes.values())
        return left

    def running(self) -> int:
        return sum(1 for _ in self._executions("RUNNING"))

    def evidence(self, sent: list[Sent], explained: Counter[str], unheard: list[Sent]) -> Evidence:
        self.drain()
        return Evidence(
            payments=self.payments,
            sent=sent,
            attempts=[_attempt(one) for one in self._entries.values()],
            outcomes=self.outcomes,
            dead_letters=self.letters,
            refunds=self.refunds,
            executions=self._trackers(),
            explained=dict(explained),
            unheard=unheard,
            left=self.left(),
        )

    def _letter(self, message: dict[str, Any]) -> DeadLetter:
        attributes = {
            name: one["StringValue"] for name, one in message.get("MessageAttributes", {}).items()
        }
        return DeadLetter(
            body=message["Body"],
            payment=self._by_body.get(message["Body"]) or self._named(message["Body"]),
            reason=attributes.get("rejectReason"),
            further_action=attributes.get("furtherAction"),
            code=attributes.get("resultCode"),
            at=_at(message),
        )

    def _named(self, body: str) -> str | None:
        try:
            name = _name(json.loads(body))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return name if name in self._names else None

    def _read_log(self) -> None:
        """Read the stand-in's log on, from the first request that was still open last time."""
        assert self.stack.stand_in is not None
        entries, following = self.stack.stand_in.requests(self._next)
        self._entries.update((one["index"], one) for one in entries)
        still_open = [one["index"] for one in entries if one["endedAt"] is None]
        self._next = min(still_open, default=following)

    def _trackers(self) -> list[Execution]:
        client = self.stack.cloud.client("stepfunctions")
        trackers = []
        for one in self._executions():
            found = client.describe_execution(executionArn=one["executionArn"])
            payment = _name(json.loads(found["input"])["payment"])
            trackers.append(Execution(payment, found["status"], found.get("error")))
        return trackers

    def _executions(self, status: str | None = None) -> Iterator[dict[str, Any]]:
        wanted = {"statusFilter": status} if status else {}
        pages = (
            self.stack.cloud.client("stepfunctions")
            .get_paginator("list_executions")
            .paginate(stateMachineArn=self.stack.state_machine_arn, **wanted)
        )
        for page in pages:
            yield from page["executions"]

    def _messages(self, url: str) -> Iterator[dict[str, Any]]:
        sqs = self.stack.cloud.client("sqs")
        while messages := sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        ).get("Messages", []):
            sqs.delete_message_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": one["ReceiptHandle"]}
                    for index, one in enumerate(messages)
                ],
            )
            yield from messages


def _name(fields: dict[str, Any]) -> str:
    return str(fields.get("paymentRequestId") or fields["paymentId"])


def _at(message: dict[str, Any]) -> float:
    return int(message["Attributes"]["SentTimestamp"]) / 1000


def _attempt(entry: dict[str, Any]) -> Attempt:
    ended = entry["endedAt"]
    return Attempt(
        payment=str(entry["paymentRequestId"] or entry["paymentId"]),
        at=datetime.fromisoformat(entry["receivedAt"]).timestamp(),
        ended_at=datetime.fromisoformat(ended).timestamp() if ended else None,
        signed=(
            entry["answer"] == "signed"
            and entry["answeredAt"] is not None
            and entry["scenario"] not in _NOT_TO_BE_BELIEVED
        ),
        status=entry["resultStatus"] if isinstance(entry["resultStatus"], str) else None,
        code=entry["resultCode"] if isinstance(entry["resultCode"], str) else None,
        body=entry["body"],
    )
