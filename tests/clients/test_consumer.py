"""A consumer in Node, with AWS's SDK for JavaScript, reads the outcomes of the local stack."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.run.cases import UTC8
from sandbox.stack.environment import for_servers
from tests import node
from tests.support.stack import World, started

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

FOLDER: Final = Path(__file__).parent
EXPECTED: Final = {
    "SUCCEEDS-node": "CANCELLED",
    "UNKNOWN-1-node": "CANCELLED",
    "FAILS-CANCEL_WINDOW_EXCEED-node": "REFUND_REQUIRED",
    "FAILS-PROCESS_FAIL-node": "FAILED",
    "UNKNOWN-node-late": "UNRESOLVED",
    **{f"SUCCEEDS-node-{number}": "CANCELLED" for number in range(20)},
}
TYPES: Final = {
    "CANCELLED": "Payment Cancelled",
    "REFUND_REQUIRED": "Payment Refund Required",
    "FAILED": "Payment Cancellation Failed",
    "UNRESOLVED": "Payment Cancellation Unresolved",
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with started("clients") as world:
        yield world


@pytest.fixture(scope="module")
def consumer(world: World) -> Iterator[Iterator[dict[str, Any]]]:
    """The lines of a running consumer whose rule stands."""
    node.Packages(FOLDER).install()
    secret = json.loads((world.stack.directory / "keys" / "secret.json").read_text())
    settings = {
        "endpoint": world.stack.cloud.endpoint_url,
        "bus": world.stack.outcome_bus,
        "publicKeys": secret["alipayPublicKeys"],
    }
    with subprocess.Popen(
        [node.executable(), "consumer.mjs", json.dumps(settings)],
        cwd=FOLDER,
        env=for_servers(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        lines = map(json.loads, process.stdout)
        assert next(lines) == {"ready": True}
        yield lines
        process.stdin.close()


def test_every_outcome_of_real_runs_is_read_and_found_right(
    world: World, consumer: Iterator[dict[str, Any]]
) -> None:
    now = datetime.now(UTC)
    for payment in EXPECTED:
        created = now - timedelta(days=2) if payment.endswith("late") else now
        world.expire(payment, created=created.astimezone(UTC8))

    read = {line["payment"]: line for line in itertools.islice(consumer, len(EXPECTED))}

    assert {payment: line["outcome"] for payment, line in read.items()} == EXPECTED
    for line in read.values():
        assert line["type"] == TYPES[line["outcome"]]
        assert line["faults"] == []


@pytest.mark.parametrize(
    "field,value,fault",
    [
        ("resultCode", "ORDER_NOT_EXIST", "the proof says otherwise"),
        ("paymentRequestId", "another", "the proof is of another payment"),
        ("resolvedAt", "soon", '/resolvedAt must match format "date-time"'),
    ],
)
def test_an_outcome_that_is_not_right_is_found(
    world: World, consumer: Iterator[dict[str, Any]], field: str, value: str, fault: str
) -> None:
    event = world.outcome("SUCCEEDS-node")
    wrong = event["detail"] | {"outcomeId": f"wrong {field}", field: value}
    entry = {
        "EventBusName": world.stack.outcome_bus,
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(wrong),
    }
    world.client("events").put_events(Entries=[entry])
    line = next(one for one in consumer if one["faults"])
    assert fault in line["faults"]
