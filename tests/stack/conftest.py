"""The real template on the embedded AWS, with every payment's event put on the bus at once.

The tests then read what came of it, so that the suite takes as long as its longest payment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sandbox.run.cases import cases
from sandbox.run.record import Run
from sandbox.run.session import PARAMETERS, run_cases
from tests.support.stack import World, event, started

# Sent beside the cases of `make run`.
TRACKED = "FAILS-ACCESS_DENIED-tracked"
MALFORMED = "SUCCEEDS-malformed"
BESIDE_MALFORMED = [f"SUCCEEDS-beside-{number}" for number in range(9)]


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with started("test", parameters=PARAMETERS) as world:
        yield world


@pytest.fixture(scope="session")
def run(world: World) -> Run:
    """Every case of `make run`, a tracked payment, and ten messages of which one is malformed."""
    world.track(TRACKED)
    bodies = [event(one) for one in BESIDE_MALFORMED]
    bodies.insert(4, {"paymentRequestId": MALFORMED})
    entries = [{"Id": str(at), "MessageBody": json.dumps(one)} for at, one in enumerate(bodies)]
    world.sqs.send_message_batch(QueueUrl=world.stack.queue_url, Entries=entries)
    return run_cases(world.stack, cases(), lambda _: None)
