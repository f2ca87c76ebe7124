"""A tracker that ends without an outcome event is a case for the operators; no other one is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.stack.world import World, eventually

NOW = datetime.now(UTC)


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


def test_only_a_tracker_that_ends_without_an_outcome_is_a_case_of_its_own(world: World) -> None:
    cases = world.stack.operator_cases_queue_url
    arn = start(world, "STOPPED-by-hand")
    start(world, "STOPPED-by-an-error", nextAttemptAt="no time at all")
    start(world, "UNKNOWN-at-its-cutoff", cutoffAt=NOW.isoformat())
    world.stack.cloud.client("stepfunctions").stop_execution(executionArn=arn)
    for name in ("STOPPED-by-hand", "STOPPED-by-an-error"):
        world.execution(name)
    unresolved_end = world.execution("UNKNOWN-at-its-cutoff")
    assert (unresolved_end["status"], unresolved_end["error"]) == ("FAILED", "Unresolved")
    heard: list[dict[str, Any]] = []

    def of_trackers() -> dict[str, dict[str, Any]]:
        sqs = world.stack.cloud.client("sqs")
        received = sqs.receive_message(QueueUrl=cases, MaxNumberOfMessages=10)
        heard.extend(json.loads(one["Body"]) for one in received.get("Messages", []))
        return {
            one["detail"]["name"]: one["detail"] for one in heard if one["source"] == "aws.states"
        }

    def unresolved() -> bool:
        of_trackers()
        return any(
            one["detail"].get("paymentRequestId") == world.id("UNKNOWN-at-its-cutoff")
            for one in heard
        )

    found = eventually(lambda: of_trackers() if len(of_trackers()) >= 2 else {}, "two cases")
    assert eventually(unresolved, "the outcome event of the third")
    assert found.keys() == {world.id("STOPPED-by-hand"), world.id("STOPPED-by-an-error")}
    stopped, broken = found[world.id("STOPPED-by-hand")], found[world.id("STOPPED-by-an-error")]
    assert (stopped["status"], broken["status"]) == ("ABORTED", "FAILED")
    assert "." in broken["error"]
    assert json.loads(stopped["input"])["payment"] == world.event("STOPPED-by-hand") | {
        "paymentCreateTime": json.loads(stopped["input"])["payment"]["paymentCreateTime"]
    }
