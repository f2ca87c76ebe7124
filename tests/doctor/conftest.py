"""One deployed local stack per worker, a doctor for it, and faults in what it is told."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from doctor.aws import Aws
from doctor.examination import examine
from doctor.finding import Finding, Status
from doctor.stack import Stack as Deployed
from sandbox.stack.cloud import REGION
from sandbox.stack.lifecycle import Stack
from tests.doctor.faults import Fault
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


class Told(boto3.session.Session):
    """What the emulated AWS answers, with changes and refusals that last for one test.

    Each call is made once, and each client: an examination takes a second and more.
    """

    def __init__(self) -> None:
        super().__init__("test", "test", region_name=REGION)
        self.made: set[str] = set()
        """Every call, by its IAM action."""
        self.changes: list[Fault] = []
        self.refusals: dict[str, dict[str, str]] = {}
        """The error of each action that is refused."""
        self._clients: dict[str, Any] = {}
        self._answers: dict[str, Any] = {}
        self._asked = ""
        self.events.register("before-call", self._before)
        self.events.register("after-call", self._after)

    def client(self, service: str, **options: Any) -> Any:  # type: ignore[override]
        if service not in self._clients:
            make: Any = super().client
            self._clients[service] = make(service, **options)
        return self._clients[service]

    def _before(self, model: Any, params: dict[str, Any], **_: Any) -> Any:
        # IAM's names of services are those of their signatures, but for one.
        service = model.service_model.signing_name.replace("monitoring", "cloudwatch")
        action = f"{service}:{model.name}"
        self.made.add(action)
        self._asked = f"{action} {params['url']} {params['body']}"
        if error := self.refusals.get(action):
            return SimpleNamespace(status_code=400), {"Error": error, "ResponseMetadata": {}}
        return copy.deepcopy(self._answers.get(self._asked))

    def _after(self, http_response: Any, parsed: Any, **_: Any) -> None:
        if http_response.status_code != 200:
            return
        kept = SimpleNamespace(status_code=200), copy.deepcopy(parsed)
        self._answers.setdefault(self._asked, kept)
        headers = parsed["ResponseMetadata"]["HTTPHeaders"]
        headers["date"] = format_datetime(datetime.now(UTC), usegmt=True)
        for action, about, change in self.changes:
            if self._asked.startswith(f"{action} ") and about in self._asked:
                change(parsed)


@pytest.fixture(scope="session")
def session() -> Told:
    return Told()


@pytest.fixture
def told(session: Told) -> Iterator[Told]:
    """For a test that changes what is told."""
    yield session
    session.changes, session.refusals = [], {}


@pytest.fixture
def findings(stack: Stack, session: Told) -> Examine:
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
