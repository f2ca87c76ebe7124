"""Payments in the situations in which an operator finds them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

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
    wait: timedelta = timedelta(),
    closed: bool = False,
) -> str:
    """Start a tracker as the function does for a payment that is unknown after a minute.

    Parameters
    ----------
    wait
        Until its next attempt.
    closed
        The cutoff in its input has passed: the payment's own, if `created` is given.

    Returns
    -------
    str
        The ARN of the execution.
    """
    now = datetime.now(UTC)
    cutoff = now + timedelta(hours=12)
    if closed:
        cutoff = _cutoff(created) if created else now - timedelta(minutes=1)
    begun = min(now, cutoff) - timedelta(minutes=2)
    answer = world.stack.cloud.client("stepfunctions").start_execution(
        stateMachineArn=world.stack.state_machine_arn,
        name=world.id(scenario),
        input=json.dumps(
            {
                "payment": world.event(scenario, created),
                "cutoffAt": _utc(cutoff),
                "firstAttemptAt": _utc(begun),
                "attempts": 9,
                "nextAttemptAt": _utc(begun if closed else now + wait),
            }
        ),
    )
    arn: str = answer["executionArn"]
    return arn


def count(world: World, queue_url: str) -> int:
    """How many messages can be received from a queue now."""
    name = "ApproximateNumberOfMessages"
    attributes = world.stack.cloud.client("sqs").get_queue_attributes(
        QueueUrl=queue_url, AttributeNames=[name]
    )["Attributes"]
    return int(attributes[name])


def wait_for_dead_letters(world: World, number: int) -> None:
    url = world.stack.dead_letter_queue_url
    eventually(lambda: count(world, url) == number, f"{number} dead letters")


def empty_dead_letters(world: World) -> None:
    world.stack.cloud.client("sqs").purge_queue(QueueUrl=world.stack.dead_letter_queue_url)


def cancelled(world: World, *scenarios: str) -> None:
    """Wait until the last outcome of each is that it has been cancelled."""
    for scenario in scenarios:
        eventually(
            lambda one=scenario: ends(world, one)[-1:] == ["CANCELLED"],
            f"the cancellation of {scenario}",
        )


def ends(world: World, scenario: str) -> list[str]:
    """All outcomes of a payment so far, in the order of `resolvedAt`."""
    details: list[dict[str, Any]] = [one["detail"] for one in world.outcomes(scenario)]
    details.sort(key=lambda one: datetime.fromisoformat(one["resolvedAt"]))
    return [one["outcome"] for one in details]


def _cutoff(created: datetime) -> datetime:
    """00:15 UTC+8 of the day after."""
    day = (created + timedelta(hours=8)).replace(hour=0, minute=15, second=0, microsecond=0)
    return day + timedelta(days=1) - timedelta(hours=8)


def _utc(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
