"""What is gathered of a running stack, and what is left where it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.run.watch import Watch
from tests.report.seen import outcome, send

TAP, REFUNDS, CASES, DEAD = "tap", "refunds", "cases", "dead"


class Queues:
    """Queues that show each message until it is hidden or deleted, as SQS does."""

    def __init__(self) -> None:
        self.messages: dict[str, list[dict[str, Any]]] = {
            name: [] for name in (TAP, REFUNDS, CASES, DEAD)
        }
        self.hidden: set[str] = set()

    def put(self, queue: str, body: Any, **attributes: str) -> None:
        number = sum(map(len, self.messages.values()))
        told = {name: {"StringValue": value} for name, value in attributes.items()}
        text = body if isinstance(body, str) else json.dumps(body)
        name = f"{queue}-{number}"
        message = {"MessageId": name, "ReceiptHandle": name, "Body": text}
        self.messages[queue].append(message | {"MessageAttributes": told})

    def receive_message(self, QueueUrl: str, **_: Any) -> dict[str, Any]:
        seen = [one for one in self.messages[QueueUrl] if one["MessageId"] not in self.hidden]
        self.hidden.update(one["MessageId"] for one in seen)
        return {"Messages": seen} if seen else {}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:
        kept = [one for one in self.messages[QueueUrl] if one["ReceiptHandle"] != ReceiptHandle]
        self.messages[QueueUrl] = kept


class Paged:
    """A client whose paginators give one page."""

    def __init__(self, **pages: dict[str, Any]) -> None:
        self.pages = pages
        self.described: list[str] = []

    def get_paginator(self, name: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [self.pages[name]])

    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        self.described.append(executionArn)
        execution = self.pages["executions"][executionArn]
        payment = json.dumps({"payment": {"paymentRequestId": "P"}})
        return {"input": payment, "name": executionArn, "startDate": datetime.now(UTC), **execution}

    def get_execution_history(self, **_: Any) -> dict[str, Any]:
        return {"events": []}


@pytest.fixture
def queues() -> Queues:
    return Queues()


@pytest.fixture
def log() -> Paged:
    return Paged(filter_log_events={"events": []})


@pytest.fixture
def states() -> Paged:
    return Paged(list_executions={"executions": []}, executions={})


@pytest.fixture
def stack(queues: Queues, log: Paged, states: Paged) -> Any:
    clients = {"sqs": queues, "logs": log, "stepfunctions": states}
    return SimpleNamespace(
        cloud=SimpleNamespace(client=clients.get),
        stand_in=SimpleNamespace(requests=lambda since: ([send(1, paymentRequestId="P")], 1)),
        outcome_tap_url=TAP,
        refund_queue_url=REFUNDS,
        operator_cases_queue_url=CASES,
        dead_letter_queue_url=DEAD,
        state_machine_arn="machine",
        log_group_name="group",
    )


def fill(queues: Queues) -> None:
    queues.put(TAP, outcome("CANCELLED", paymentRequestId="P"))
    queues.put(REFUNDS, {"paymentRequestId": "P"})
    queues.put(CASES, outcome("FAILED", paymentRequestId="P"))
    queues.put(DEAD, {"paymentRequestId": "P"}, rejectReason="because")
    queues.put(DEAD, "no JSON at all", rejectReason="it is none")


def test_what_was_seen_is_kept_under_its_payment(stack, queues):
    fill(queues)
    watch = Watch(stack, ["P", "Q"])
    watch.look()
    seen = watch.progress["P"]
    assert len(seen.sends) == len(seen.refunds) == len(seen.operator_cases) == 1
    assert seen.details[0]["outcome"] == "CANCELLED"
    assert seen.dead_letters[0]["attributes"] == {"rejectReason": "because"}
    assert watch.progress["?"].dead_letters[0]["body"] == "no JSON at all"
    assert watch.progress["Q"].sends == ()


@pytest.mark.parametrize("keep", [False, True])
def test_a_message_counts_once_and_is_left_only_where_it_is_to_be_kept(stack, queues, keep):
    fill(queues)
    watch = Watch(stack, keep=keep)
    for _ in range(3):
        watch.look()
        queues.hidden.clear()
    seen = watch.progress["P"]
    assert (len(seen.outcomes), len(seen.refunds), len(seen.dead_letters)) == (1, 1, 1)
    assert [len(queues.messages[name]) for name in (TAP, REFUNDS, DEAD)] == (
        [1, 1, 2] if keep else [0, 0, 0]
    )


def test_a_second_outcome_is_a_second_one(stack, queues):
    watch = Watch(stack)
    for _ in range(2):
        queues.put(TAP, outcome("CANCELLED", paymentRequestId="P"))
    watch.look()
    assert len(watch.progress["P"].outcomes) == 2


def test_of_the_functions_log_the_lines_of_attempts_are_kept_once(stack, log):
    line = {"message": "cancel attempted", "paymentRequestId": "P", "attempt": 1}
    for text in (json.dumps(line), "START RequestId", json.dumps({"message": "other"})):
        log.pages["filter_log_events"]["events"].append({"message": text, "timestamp": 7})
    watch = Watch(stack)
    watch.look()
    watch.look()
    assert watch.progress["P"].notes == (line,)


def test_a_tracker_is_asked_for_until_it_has_ended(stack, states):
    states.pages["list_executions"]["executions"] = [{"executionArn": "P"}]
    states.pages["executions"]["P"] = {"status": "RUNNING"}
    watch = Watch(stack)
    watch.look()
    assert watch.progress["P"].tracker.status == "RUNNING"
    ended = {"status": "FAILED", "error": "Unresolved", "stopDate": datetime.now(UTC)}
    states.pages["executions"]["P"] = ended
    watch.look()
    watch.look()
    tracker = watch.progress["P"].tracker
    assert (tracker.status, tracker.error) == ("FAILED", "Unresolved")
    assert len(states.described) == 2


def test_what_was_given_out_does_not_change_afterwards(stack, queues):
    watch = Watch(stack, ["P"])
    watch.look()
    before = watch.progress
    fill(queues)
    watch.look()
    assert before["P"].outcomes == () and len(watch.progress["P"].outcomes) == 1
