"""The real template on the embedded AWS, with every scenario's event put on the bus at once.

The tests then read what came of it, so that the suite takes as long as its longest payment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.stack import TEMPLATE, Stack
from tests.stack.world import GATEWAY_TIMEOUT_SECONDS, World
from tests.template.policies.proxy import Proxy, listening

LONG_AGO = datetime.now(UTC) - timedelta(days=3)

# A payment handed to the tracker is tried again after 2 to 8 s here, not after 30 s to 15 min.
PARAMETERS = {
    "SlowRetryInitialSeconds": "4",
    "SlowRetryMaxSeconds": "8",
    "GatewayTimeoutSeconds": str(GATEWAY_TIMEOUT_SECONDS),
}

EXPIRED = [
    # The longest first. Thirteen attempts at least 5 s apart outlast the first minute for certain.
    "UNKNOWN-13-long",
    "UNKNOWN-2-twice",
    "SUCCEEDS-once",
    "FAILS-CANCEL_WINDOW_EXCEED-late",
    "FAILS-PROCESS_FAIL-code",
    "THROTTLED-1-once",
    "NO_ANSWER-1-once",
    "FORGED_REFUND-1-once",
    "FORGED_SUCCESS-1-once",
    "UNSIGNED-1-once",
]
CLOSED = ["SUCCEEDS-closed"]
BATCH = [f"SUCCEEDS-batch-of-20-{number}" for number in range(20)]


@pytest.fixture(scope="session")
def proxy() -> Iterator[Proxy]:
    """Between the function and AWS; what it hears is compared with what the policies allow."""
    with listening(Proxy()) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def world(proxy: Proxy) -> Iterator[World]:
    if not TEMPLATE.exists():
        pytest.fail("nothing is built for this host: run `make build` first")
    # Each worker of a run in parallel has a stack of its own.
    name = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with Stack.start(name, parameters=PARAMETERS, environment=proxy.environment) as stack:
        proxy.upstream = stack.cloud.endpoint_url
        world = World(stack)
        events = [world.event(scenario) for scenario in EXPIRED]
        events.append(world.event("UNKNOWN-for-ever", created=LONG_AGO))
        _put(stack, events, "Payment Expired")
        _put(stack, [world.event(scenario) for scenario in CLOSED], "Payment Closed")
        _start_tracker(world, "FAILS-ACCESS_DENIED-tracked")
        _send_ten_with_one_malformed(world)
        _put(stack, [world.event(scenario) for scenario in BATCH], "Payment Expired")
        yield world


def _put(stack: Stack, events: list[dict[str, str]], detail_type: str) -> None:
    for first in range(0, len(events), 10):
        stack.put_events(list(events[first : first + 10]), detail_type)


def _start_tracker(world: World, scenario: str) -> None:
    """A tracker as the function would have started it for a payment unknown so far."""
    now = datetime.now(UTC)
    event = world.event(scenario)
    world.stack.cloud.client("stepfunctions").start_execution(
        stateMachineArn=world.stack.state_machine_arn,
        name=world.id(scenario),
        input=json.dumps(
            {
                "payment": event,
                "cutoffAt": (now + timedelta(hours=12)).isoformat(),
                "firstAttemptAt": (now - timedelta(minutes=1)).isoformat(),
                "attempts": 9,
                "nextAttemptAt": now.isoformat(),
            }
        ),
    )


def _send_ten_with_one_malformed(world: World) -> None:
    bodies = [json.dumps(world.event(f"SUCCEEDS-beside-{number}")) for number in range(9)]
    bodies.insert(4, json.dumps({"paymentRequestId": world.id("SUCCEEDS-malformed")}))
    world.stack.cloud.client("sqs").send_message_batch(
        QueueUrl=world.stack.queue_url,
        Entries=[{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)],
    )
