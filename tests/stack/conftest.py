"""The real template on the embedded AWS, with every payment's event put on the bus at once.

The tests then read what came of it, so that the suite takes as long as its longest payment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.run.cases import cases
from sandbox.run.record import Run
from sandbox.run.session import PARAMETERS, run_cases
from sandbox.stack.build import TEMPLATE
from sandbox.stack.lifecycle import Stack
from tests.stack.world import World
from tests.template.policies.proxy import Proxy, listening

# Sent beside the cases of `make run`.
TRACKED = "FAILS-ACCESS_DENIED-tracked"
MALFORMED = "SUCCEEDS-malformed"
BESIDE_MALFORMED = [f"SUCCEEDS-beside-{number}" for number in range(9)]


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
        yield World(stack)


@pytest.fixture(scope="session")
def run(world: World) -> Run:
    """Every case of `make run`, and the payments above."""
    _start_tracker(world.stack)
    _send_ten_with_one_malformed(world.stack)
    return run_cases(world.stack, cases(), lambda _: None)


def _payment(payment_id: str) -> dict[str, str]:
    return {
        "paymentRequestId": payment_id,
        "paymentCreateTime": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _start_tracker(stack: Stack) -> None:
    """A tracker as the function would have started it for a payment unknown so far."""
    now = datetime.now(UTC)
    state = {
        "payment": _payment(TRACKED),
        "cutoffAt": (now + timedelta(hours=12)).isoformat(),
        "firstAttemptAt": (now - timedelta(minutes=1)).isoformat(),
        "attempts": 9,
        "nextAttemptAt": now.isoformat(),
    }
    stack.cloud.client("stepfunctions").start_execution(
        stateMachineArn=stack.state_machine_arn, name=TRACKED, input=json.dumps(state)
    )


def _send_ten_with_one_malformed(stack: Stack) -> None:
    bodies = [_payment(one) for one in BESIDE_MALFORMED]
    bodies.insert(4, {"paymentRequestId": MALFORMED})
    stack.cloud.client("sqs").send_message_batch(
        QueueUrl=stack.queue_url,
        Entries=[
            {"Id": str(number), "MessageBody": json.dumps(body)}
            for number, body in enumerate(bodies)
        ],
    )
