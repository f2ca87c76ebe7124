"""Reads everything that a run has left behind into `Evidence`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sandbox.stack.lifecycle import Stack
from tests.faults.evidence import (
    Attempt,
    Case,
    DeadLetter,
    Evidence,
    Execution,
    OutcomeEvent,
    Payment,
)

# Truly signed, and still no answer that a careful client takes: too long, or packed.
_NOT_TO_BE_BELIEVED = frozenset({"TOO_LARGE", "HUGE_HEADERS", "COMPRESSED"})

type Message = dict[str, Any]


class Collector:
    """Empties the queues of a stack as the run goes on; they would only grow."""

    def __init__(self, stack: Stack, payments: list[Payment]) -> None:
        self.stack = stack
        self.evidence = Evidence(cases={one.id: Case(payment=one) for one in payments})
        self._by_body = {one.body: one.id for one in payments}
        self._log: dict[int, Message] = {}
        self._next = 0
        self._sqs = stack.cloud.client("sqs")
        self._states = stack.cloud.client("stepfunctions")

    def drain(self) -> None:
        stack = self.stack
        self._read_log()
        for message in self._messages(stack.outcome_tap_url):
            detail = json.loads(message["Body"])["detail"]
            if case := self._case(_name(detail), message):
                kind, code = detail["outcome"], detail.get("resultCode")
                case.outcomes.append(OutcomeEvent(kind, code, _at(message)))
        for message in self._messages(stack.refund_queue_url):
            if case := self._case(_name(json.loads(message["Body"])), message):
                case.refunds += 1
        for message in self._messages(stack.dead_letter_queue_url):
            if case := self._case(self._payment_of(message["Body"]), message):
                case.letters.append(_letter(message))

    def told(self) -> int:
        """How many payments there are of which anything has come out."""
        return sum(bool(one.outcomes or one.letters) for one in self.evidence.cases.values())

    def left(self) -> int:
        """Messages on the queue of payments, in whatever state, and events that were not
        delivered."""
        names = [f"ApproximateNumberOfMessages{one}" for one in ("", "NotVisible", "Delayed")]
        urls = (self.stack.queue_url, self.stack.undelivered_events_queue_url)
        found = [self._sqs.get_queue_attributes(QueueUrl=one, AttributeNames=names) for one in urls]
        return sum(int(number) for one in found for number in one["Attributes"].values())

    def running(self) -> int:
        return sum(one["status"] == "RUNNING" for one in self._executions())

    def finish(self) -> Evidence:
        """The whole of it, once the run is over."""
        self.drain()
        for entry in self._log.values():
            if case := self._case(_name(entry), entry):
                case.attempts.append(_attempt(entry))
        for one in self._executions():
            found = self._states.describe_execution(executionArn=one["executionArn"])
            if case := self._case(_name(json.loads(found["input"])["payment"]), found):
                case.executions.append(Execution(found["status"], found.get("error")))
        for case in self.evidence.cases.values():
            case.attempts.sort(key=lambda one: one.at)
            case.outcomes.sort(key=lambda one: one.at)
        self.evidence.left = self.left()
        return self.evidence

    def _case(self, name: str, message: Message) -> Case | None:
        case = self.evidence.cases.get(name)
        if case is None:
            self.evidence.strays.append(f"{name}: {message}")
        return case

    def _payment_of(self, body: str) -> str:
        """Whose message it is; the body itself, if nobody's."""
        if body not in self._by_body:
            try:
                return _name(json.loads(body))
            except (ValueError, TypeError, KeyError, AttributeError):
                pass
        return self._by_body.get(body, body)

    def _read_log(self) -> None:
        """Read the stand-in's log on, from the first request that was still open last time."""
        assert self.stack.stand_in is not None
        entries, following = self.stack.stand_in.requests(self._next)
        self._log.update((one["index"], one) for one in entries)
        still_open = [one["index"] for one in entries if one["endedAt"] is None]
        self._next = min(still_open, default=following)

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


def _letter(message: Message) -> DeadLetter:
    given = message.get("MessageAttributes", {})
    reason, further_action, code = (
        given[name]["StringValue"] if name in given else None
        for name in ("rejectReason", "furtherAction", "resultCode")
    )
    return DeadLetter(reason, further_action, code, _at(message))


def _attempt(entry: Message) -> Attempt:
    status, code = (
        entry[name] if isinstance(entry[name], str) else None
        for name in ("resultStatus", "resultCode")
    )
    signed = entry["answer"] == "signed" and entry["answeredAt"] is not None
    return Attempt(
        at=datetime.fromisoformat(entry["receivedAt"]).timestamp(),
        ended_at=entry["endedAt"] and datetime.fromisoformat(entry["endedAt"]).timestamp(),
        signed=signed and entry["scenario"] not in _NOT_TO_BE_BELIEVED,
        status=status,
        code=code,
        body=entry["body"],
    )
