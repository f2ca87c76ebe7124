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

type Message = dict[str, Any]


class Collector:
    """Empties the queues of a stack as the run goes on; they would only grow."""

    def __init__(self, stack: Stack, payments: list[Payment]) -> None:
        self.stack = stack
        self.payments = payments
        self.outcomes: list[OutcomeEvent] = []
        self.letters: list[DeadLetter] = []
        self.refunds: list[str] = []
        self._log: dict[int, Message] = {}
        self._next = 0
        self._names = {one.id for one in payments}
        self._by_body = {one.body: one.id for one in payments}
        self._sqs = stack.cloud.client("sqs")
        self._states = stack.cloud.client("stepfunctions")

    def drain(self) -> None:
        stack = self.stack
        self._read_log()
        for message in self._messages(stack.outcome_tap_url):
            detail = json.loads(message["Body"])["detail"]
            kind, code = detail["outcome"], detail.get("resultCode")
            self.outcomes.append(OutcomeEvent(_name(detail), kind, code, _at(message)))
        for message in self._messages(stack.refund_queue_url):
            self.refunds.append(_name(json.loads(message["Body"])))
        for message in self._messages(stack.dead_letter_queue_url):
            self.letters.append(self._letter(message))

    def told(self) -> set[str]:
        """The payments of which anything has come out."""
        return {one.payment or "" for one in [*self.outcomes, *self.letters]} & self._names

    def left(self) -> int:
        """Messages on the queue of payments, in whatever state, and events that were not
        delivered."""
        names = [f"ApproximateNumberOfMessages{one}" for one in ("", "NotVisible", "Delayed")]
        urls = (self.stack.queue_url, self.stack.undelivered_events_queue_url)
        found = [self._sqs.get_queue_attributes(QueueUrl=one, AttributeNames=names) for one in urls]
        return sum(int(number) for one in found for number in one["Attributes"].values())

    def running(self) -> int:
        return sum(one["status"] == "RUNNING" for one in self._executions())

    def evidence(self, sent: list[Sent], explained: Counter[str], unheard: list[Sent]) -> Evidence:
        self.drain()
        return Evidence(
            payments=self.payments,
            sent=sent,
            attempts=[_attempt(one) for one in self._log.values()],
            outcomes=self.outcomes,
            dead_letters=self.letters,
            refunds=self.refunds,
            executions=[self._execution(one["executionArn"]) for one in self._executions()],
            explained=dict(explained),
            unheard=unheard,
            left=self.left(),
        )

    def _letter(self, message: Message) -> DeadLetter:
        given, body = message.get("MessageAttributes", {}), message["Body"]
        reason, further_action, code = (
            given[name]["StringValue"] if name in given else None
            for name in ("rejectReason", "furtherAction", "resultCode")
        )
        payment = self._by_body.get(body) or self._named(body)
        return DeadLetter(payment, body, reason, further_action, code, _at(message))

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
        self._log.update((one["index"], one) for one in entries)
        still_open = [one["index"] for one in entries if one["endedAt"] is None]
        self._next = min(still_open, default=following)

    def _execution(self, arn: str) -> Execution:
        found = self._states.describe_execution(executionArn=arn)
        payment = _name(json.loads(found["input"])["payment"])
        return Execution(payment, found["status"], found.get("error"))

    def _executions(self) -> Iterator[Message]:
        pages = self._states.get_paginator("list_executions")
        for page in pages.paginate(stateMachineArn=self.stack.state_machine_arn):
            yield from page["executions"]

    def _messages(self, url: str) -> Iterator[Message]:
        while messages := self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        ).get("Messages"):
            handles = [one["ReceiptHandle"] for one in messages]
            entries = [{"Id": str(i), "ReceiptHandle": one} for i, one in enumerate(handles)]
            self._sqs.delete_message_batch(QueueUrl=url, Entries=entries)
            yield from messages


def _name(fields: Message) -> str:
    return str(fields.get("paymentRequestId") or fields["paymentId"])


def _at(message: Message) -> float:
    return int(message["Attributes"]["SentTimestamp"]) / 1000


def _attempt(entry: Message) -> Attempt:
    status, code = (
        entry[name] if isinstance(entry[name], str) else None
        for name in ("resultStatus", "resultCode")
    )
    return Attempt(
        payment=_name(entry),
        at=_time(entry["receivedAt"]),
        ended_at=_time(entry["endedAt"]) if entry["endedAt"] else None,
        signed=(
            entry["answer"] == "signed"
            and entry["answeredAt"] is not None
            and entry["scenario"] not in _NOT_TO_BE_BELIEVED
        ),
        status=status,
        code=code,
        body=entry["body"],
    )


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
