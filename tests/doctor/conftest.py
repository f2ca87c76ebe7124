"""One deployed local stack per worker, on which faults are seeded for real, and a doctor for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from doctor.aws import Aws
from doctor.examination import examine
from doctor.finding import Finding, Status
from doctor.stack import Stack as Deployed
from sandbox.stack.cloud import REGION
from sandbox.stack.lifecycle import Stack
from tests.doctor.hand import Hand
from tests.support.stack import World, started

TOLERANCE = timedelta(seconds=30)
ACCOUNT = "123456789012"

type Examine = Callable[[], list[Finding]]


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    # Subscribed, so that the healthy stack has nothing for the doctor to say.
    with started("doctor", parameters={"AlertEmail": "on-call@example.com"}) as world:
        yield world


@pytest.fixture(scope="session")
def stack(world: World) -> Stack:
    return world.stack


@pytest.fixture
def hand(world: World) -> Iterator[Hand]:
    with Hand(world) as hand:
        yield hand


class KeptClients(boto3.session.Session):
    """A session that makes each client once: it takes longer than the calls."""

    def __init__(self) -> None:
        super().__init__("test", "test", region_name=REGION)
        self._kept: dict[str, Any] = {}

    def client(self, service: str, **options: Any) -> Any:  # type: ignore[override]
        if service not in self._kept:
            make: Any = super().client
            self._kept[service] = make(service, **options)
        return self._kept[service]


@pytest.fixture(scope="session")
def session() -> KeptClients:
    return KeptClients()


@pytest.fixture
def findings(stack: Stack, session: KeptClients) -> Examine:
    """Examine the stack afresh."""
    endpoint = stack.cloud.endpoint_url
    return lambda: [one for _, one in examine(Aws(session, endpoint), stack.name, TOLERANCE)]


@pytest.fixture
def worries(findings: Examine) -> Examine:
    """Examine it afresh, and leave out what is well."""
    return lambda: [one for one in findings() if one.status not in {Status.OK, Status.INFO}]


def on_aws(**changes: Any) -> Deployed:
    """A stack on AWS, for checks of facts that the emulated AWS does not keep."""
    parameters = {
        **dict.fromkeys(("GatewayUrl", "CredentialsSecretArn", "OutcomeBusName"), "any"),
        **{"MaximumConcurrency": "10", "AlertEmail": "on-call@example.com", "Monitoring": "Full"},
        **changes.pop("parameters", {}),
    }
    fields = {
        "name": "cancel-payment",
        "arn": f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/cancel-payment/5b0c",
        "status": "UPDATE_COMPLETE",
        "resources": {},
    }
    return Deployed(**(fields | changes), parameters=parameters)


def summary(findings: list[Finding]) -> set[tuple[str, str]]:
    """Status and subject of each."""
    return {(one.status.value, one.subject) for one in findings}
