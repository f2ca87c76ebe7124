"""The commands of docs/integration.md and docs/going-live.md that need a deployed stack."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import make_refunds
import pytest

from sandbox.stack.build import TEMPLATE
from sandbox.stack.lifecycle import Stack
from tests.docs.documents import ROOT, named
from tests.docs.refunds import Client, Ledger
from tests.docs.shell import Shell
from tests.stack.world import eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(200)]

BLOCKS: Final = named("docs/integration.md") | named("docs/going-live.md")
FROM_CODE: Final = "CANCELLED CANCELLED:paymentRequestId:SUCCEEDS-from-code"
FROM_THE_CLI: Final = "CANCELLED CANCELLED:paymentRequestId:SUCCEEDS-bus-1"


@dataclass
class Consumer:
    """The stack, a shell beside it, and the example that follows its outcomes."""

    stack: Stack
    shell: Shell
    directory: Path
    process: subprocess.Popen[bytes]

    @property
    def sqs(self) -> Any:
        return self.stack.cloud.client("sqs")

    @property
    def log(self) -> list[str]:
        return (self.directory / "follow.log").read_text().splitlines()

    def deliver(self, detail: dict[str, Any]) -> None:
        """Put an outcome event on the consumer's queue, and wait until it has been dealt with."""
        queue_url = self.shell.environment["OUTCOMES"]
        self.sqs.send_message(QueueUrl=queue_url, MessageBody=json.dumps({"detail": detail}))
        eventually(lambda: waiting(self.sqs, queue_url) == 0, "an empty queue of outcomes")


@pytest.fixture(scope="module")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consumer]:
    if not TEMPLATE.exists():
        pytest.fail("nothing is built for this host: run `make build` first")
    directory = tmp_path_factory.mktemp("integration")
    for name in ("docs", "events"):
        (directory / name).symlink_to(ROOT / name)
    name = f"integration-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with Stack.start(name, parameters={"AlertEmail": "on-call@example.com"}) as stack:
        shell = Shell(stack.cloud, STACK=name)
        shell.keep(BLOCKS["names"] + BLOCKS["outcome-queue"], directory)
        process = shell.start(BLOCKS["follow"], directory, directory / "follow.log")
        try:
            yield Consumer(stack, shell, directory, process)
        finally:
            process.terminate()
            process.wait(10)


def test_a_payment_published_from_code_is_cancelled_and_told_once_though_delivered_twice(
    consumer: Consumer,
) -> None:
    consumer.shell.run(BLOCKS["publish-from-code"], consumer.directory)
    eventually(lambda: FROM_CODE in consumer.log, "the outcome")

    tapped = consumer.sqs.receive_message(
        QueueUrl=consumer.stack.outcome_tap_url, MaxNumberOfMessages=10
    )["Messages"]
    details = [json.loads(one["Body"])["detail"] for one in tapped]
    [detail] = [one for one in details if one["paymentRequestId"] == "SUCCEEDS-from-code"]
    consumer.deliver(detail)

    assert consumer.log.count(FROM_CODE) == 1


def test_a_payment_published_from_the_cli_is_cancelled(consumer: Consumer) -> None:
    failed = consumer.shell.run(BLOCKS["publish-from-the-cli"], consumer.directory)
    assert failed.strip() == "0"
    eventually(lambda: FROM_THE_CLI in consumer.log, "the outcome")


def test_a_message_that_is_no_outcome_does_not_stop_the_consumer(consumer: Consumer) -> None:
    queue_url = consumer.shell.environment["OUTCOMES"]
    consumer.sqs.send_message(QueueUrl=queue_url, MessageBody="not JSON")
    eventually(lambda: any("not an outcome event" in one for one in consumer.log), "the complaint")
    assert waiting(consumer.sqs, queue_url) == 1
    assert consumer.process.poll() is None


def test_a_refund_that_is_asked_for_twice_is_made_once_after_an_inquiry(consumer: Consumer) -> None:
    payment = "FAILS-CANCEL_WINDOW_EXCEED-integration"
    created = datetime.now(UTC).isoformat(timespec="seconds")
    consumer.stack.put_event({"paymentRequestId": payment, "paymentCreateTime": created})
    queue_url = consumer.shell.environment["REFUNDS"]
    eventually(lambda: waiting(consumer.sqs, queue_url) == 1, "the refund")
    [first] = consumer.sqs.receive_message(QueueUrl=queue_url, VisibilityTimeout=0)["Messages"]
    consumer.sqs.send_message(QueueUrl=queue_url, MessageBody=first["Body"])
    client = Client()
    secrets = consumer.stack.cloud.client("secretsmanager")
    [secret] = secrets.list_secrets()["SecretList"]
    text = secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]
    keys = {version: key.encode() for version, key in json.loads(text)["alipayPublicKeys"].items()}

    while waiting(consumer.sqs, queue_url):
        make_refunds.work(consumer.sqs, queue_url, Ledger({payment}), client, keys)

    assert [name for name, _ in client.calls] == ["inquiry", "refund"] * 2
    assert len(client.refunds) == 1
    assert client.calls[1] == client.calls[3]


def test_who_is_called_is_seen_and_an_alarm_can_be_tried(consumer: Consumer) -> None:
    assert "on-call@example.com" in consumer.shell.run(BLOCKS["subscriptions"])
    consumer.shell.run(BLOCKS["try-an-alarm"])
    found = consumer.stack.cloud.client("cloudwatch").describe_alarms(StateValue="ALARM")
    [alarm] = found["MetricAlarms"]
    assert alarm["AlarmName"].startswith(f"{consumer.stack.name}-OperatorCases")
    assert "runbook" in alarm["AlarmDescription"]


def waiting(sqs: Any, queue_url: str) -> int:
    """How many messages are on a queue, those included that somebody has received."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)
