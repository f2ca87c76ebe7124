"""Payments in the situations in which an operator finds them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.stack.world import World, eventually

LONG_AGO = datetime.now(UTC) - timedelta(days=3)


def expire(world: World, *scenarios: str, created: datetime | None = None) -> None:
    """Put the events of these payments on the bus."""
    world.stack.put_events([world.event(one, created) for one in scenarios])


def track(
    world: World,
    scenario: str,
    *,
    created: datetime | None = None,
    cutoff: datetime | None = None,
    wait: timedelta = timedelta(),
) -> str:
    """Start a tracker as the function does for a payment that is unknown after a minute.

    Parameters
    ----------
    cutoff
        One that has passed; it is in twelve hours otherwise.
    wait
        Until its next attempt.

    Returns
    -------
    str
        The ARN of the execution.
    """
    now = datetime.now(UTC)
    begun = min(now, cutoff or now) - timedelta(minutes=2)
    moments = {
        "cutoffAt": cutoff or now + timedelta(hours=12),
        "firstAttemptAt": begun,
        "nextAttemptAt": begun if cutoff else now + wait,
    }
    times = {name: f"{at:%Y-%m-%dT%H:%M:%S.000Z}" for name, at in moments.items()}
    answer = world.stack.cloud.client("stepfunctions").start_execution(
        stateMachineArn=world.stack.state_machine_arn,
        name=world.id(scenario),
        input=json.dumps({"payment": world.event(scenario, created), "attempts": 9, **times}),
    )
    return str(answer["executionArn"])


def count(world: World, queue_url: str) -> int:
    """How many messages can be received from a queue now."""
    names = ["ApproximateNumberOfMessages"]
    sqs = world.stack.cloud.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return int(found[names[0]])


def wait_for_dead_letters(world: World, number: int) -> None:
    url = world.stack.dead_letter_queue_url
    eventually(lambda: count(world, url) == number, f"{number} dead letters")


def empty_dead_letters(world: World) -> None:
    world.stack.cloud.client("sqs").purge_queue(QueueUrl=world.stack.dead_letter_queue_url)


def cancelled(world: World, *scenarios: str) -> None:
    """Wait until the last outcome of each is that it has been cancelled."""
    for one in scenarios:
        eventually(lambda one=one: ends(world, one)[-1:] == ["CANCELLED"], f"{one} cancelled")


def ends(world: World, scenario: str) -> list[str]:
    """All outcomes of a payment so far, in the order of `resolvedAt`."""
    details = [one["detail"] for one in world.outcomes(scenario)]
    details.sort(key=lambda one: datetime.fromisoformat(one["resolvedAt"]))
    return [one["outcome"] for one in details]
