"""The definition, an emulator that runs its states, and the reference evaluator of JSONata."""

from __future__ import annotations

import json
import tempfile
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox import cloud as emulator
from sandbox.cloud import Cloud
from tests.statemachine import definition as deployed
from tests.statemachine.executions import Executions
from tests.statemachine.reference import Reference

type Definition = dict[str, Any]
type TestState = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """An embedded AWS of this session alone, in which waits and backoffs take no time."""
    with tempfile.TemporaryDirectory(prefix="embedded-aws-") as name:
        directory = Path(name)
        started, process = emulator.start(directory)
        try:
            emulator.wait_until_ready(started, process, directory / "cloud.log")
            configure(started, {"stepfunctions._SFN_WAIT_SCALE": 0})
            yield started
        finally:
            process.stop()


def configure(cloud: Cloud, settings: dict[str, Any]) -> None:
    """Change settings of the running emulator."""
    request = urllib.request.Request(
        f"{cloud.endpoint_url}/_ministack/config", json.dumps(settings).encode(), method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        assert json.load(answer)["applied"].keys() == settings.keys()


@pytest.fixture(scope="session")
def state_tester(cloud: Cloud) -> Any:
    """A client of the TestState API."""
    session = boto3.session.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=emulator.REGION
    )
    # AWS has this API on a host of its own, "sync-" and the endpoint's name.
    config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1}, proxies={})
    return session.client("stepfunctions", endpoint_url=cloud.endpoint_url, config=config)


@pytest.fixture(scope="session")
def queue_url(cloud: Cloud) -> str:
    name = f"payment-timeouts-{uuid.uuid4().hex[:8]}"
    url: str = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    return url


@pytest.fixture(scope="session")
def bus_name(cloud: Cloud) -> str:
    name = f"outcomes-{uuid.uuid4().hex[:8]}"
    cloud.client("events").create_event_bus(Name=name)
    return name


@pytest.fixture(scope="session")
def definition(queue_url: str, bus_name: str) -> Definition:
    """The definition with the emulator's queue and bus in its placeholders."""
    return deployed.load(PaymentTimeoutsQueueUrl=queue_url, OutcomeBusName=bus_name)


@pytest.fixture(scope="session")
def states() -> dict[str, deployed.State]:
    """The states, placeholders filled with names of nothing: for all that needs no emulator."""
    definition = deployed.load(
        PaymentTimeoutsQueueUrl="queue-url", OutcomeBusName="outcome-bus", ClosingCallSeconds="900"
    )
    found: dict[str, deployed.State] = definition["States"]
    return found


@pytest.fixture(scope="session")
def reference() -> Iterator[Reference]:
    with Reference() as evaluator:
        yield evaluator


@pytest.fixture(scope="session")
def executions(cloud: Cloud, definition: Definition) -> Executions:
    """Whole executions of the definition in the emulator."""
    return Executions(cloud, definition, lambda mocks: configure(cloud, mocks))


@pytest.fixture(scope="session")
def check_state(state_tester: Any, definition: Definition) -> TestState:
    """One state of the definition by TestState: its input, perhaps a mocked answer or error."""

    def check(name: str, state_input: dict[str, Any], **more: Any) -> dict[str, Any]:
        for key in ("context", "result"):
            if key in more:
                more[key] = json.dumps(more[key])
        if "result" in more:
            more["mock"] = {"result": more.pop("result")}
        if "error" in more:
            more["mock"] = {"errorOutput": {"error": more.pop("error"), "cause": "as mocked"}}
        answer: dict[str, Any] = state_tester.test_state(
            definition=json.dumps(definition),
            stateName=name,
            input=json.dumps(state_input),
            roleArn="arn:aws:iam::000000000000:role/tracker",
            inspectionLevel="DEBUG",
            **more,
        )
        return answer

    return check


@pytest.fixture
def tracked() -> Callable[..., dict[str, Any]]:
    """The input of an execution as the function starts it, with changes by name."""

    def make(**changes: Any) -> dict[str, Any]:
        fields = {
            "payment": {
                "paymentRequestId": "20200101234567890000",
                "paymentId": "202001011234567890120188000000001",
                "paymentCreateTime": "2026-11-22T23:41:07+08:00",
            },
            "cutoffAt": "2026-11-23T00:15:00.000+08:00",
            "firstAttemptAt": "2026-11-22T23:56:08.120+08:00",
            "attempts": 12,
            "nextAttemptAt": "2026-11-22T23:58:00.000+08:00",
        }
        return {**fields, **changes}

    return make
