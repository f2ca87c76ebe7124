"""A tracker that ends without an outcome event is told to the operators; no other one is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.stack.world import World, eventually

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def alerts(world: World) -> str:
    """A queue that gets what the operators get."""
    sqs = world.stack.cloud.client("sqs")
    url: str = sqs.create_queue(QueueName="operator-alerts-tap")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    world.stack.cloud.client("sns").subscribe(
        TopicArn=world.stack.alerts_topic_arn, Protocol="sqs", Endpoint=arn["QueueArn"]
    )
    return url


def start(world: World, name: str, **changes: str) -> str:
    """A tracker that waits for a day, unless it is started otherwise."""
    fields: dict[str, Any] = {
        "payment": world.event(name),
        "cutoffAt": (NOW + timedelta(days=2)).isoformat(),
        "firstAttemptAt": NOW.isoformat(),
        "attempts": 1,
        "nextAttemptAt": (NOW + timedelta(days=1)).isoformat(),
    }
    arn: str = world.stack.cloud.client("stepfunctions").start_execution(
        stateMachineArn=world.stack.state_machine_arn,
        name=world.id(name),
        input=json.dumps(fields | changes),
    )["executionArn"]
    return arn


def test_only_a_tracker_that_ends_without_an_outcome_is_told_to_the_operators(
    world: World, alerts: str
) -> None:
    arn = start(world, "STOPPED-by-hand")
    start(world, "STOPPED-by-an-error", nextAttemptAt="no time at all")
    start(world, "STOPPED-at-its-cutoff", cutoffAt=NOW.isoformat())
    world.stack.cloud.client("stepfunctions").stop_execution(executionArn=arn)
    ends = {
        name: world.execution(f"STOPPED-{name}")
        for name in ("by-hand", "by-an-error", "at-its-cutoff")
    }
    assert (ends["at-its-cutoff"]["status"], ends["at-its-cutoff"]["error"]) == (
        "FAILED",
        "Unresolved",
    )
    heard: list[dict[str, Any]] = []

    def of_trackers() -> dict[str, dict[str, Any]]:
        sqs = world.stack.cloud.client("sqs")
        for one in sqs.receive_message(QueueUrl=alerts, MaxNumberOfMessages=10).get("Messages", []):
            heard.append(json.loads(json.loads(one["Body"])["Message"]))
            sqs.delete_message(QueueUrl=alerts, ReceiptHandle=one["ReceiptHandle"])
        return {
            one["detail"]["name"]: one["detail"] for one in heard if one["source"] == "aws.states"
        }

    def unresolved() -> bool:
        of_trackers()
        return any(
            one["detail"].get("paymentRequestId") == world.id("STOPPED-at-its-cutoff")
            for one in heard
        )

    told = eventually(lambda: of_trackers() if len(of_trackers()) >= 2 else {}, "two alerts")
    assert eventually(unresolved, "the outcome event of the third")
    assert told.keys() == {world.id("STOPPED-by-hand"), world.id("STOPPED-by-an-error")}
    stopped, broken = told[world.id("STOPPED-by-hand")], told[world.id("STOPPED-by-an-error")]
    assert (stopped["status"], broken["status"]) == ("ABORTED", "FAILED")
    assert "." in broken["error"]
    assert json.loads(stopped["input"])["payment"] == world.event("STOPPED-by-hand") | {
        "paymentCreateTime": json.loads(stopped["input"])["payment"]["paymentCreateTime"]
    }
