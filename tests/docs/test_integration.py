"""The commands of docs/integration.md and docs/going-live.md that need a deployed stack."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import make_refunds
import pytest

from tests.docs.documents import ROOT, named
from tests.docs.refunds import Client, Ledger
from tests.docs.shell import Shell
from tests.support.stack import World, eventually, started

pytestmark = [pytest.mark.stack, pytest.mark.timeout(200)]

BLOCKS: Final = named("docs/integration.md") | named("docs/going-live.md")
FROM_CODE: Final = "CANCELLED CANCELLED:paymentRequestId:SUCCEEDS-from-code"
FROM_THE_CLI: Final = "CANCELLED CANCELLED:paymentRequestId:SUCCEEDS-bus-1"


@dataclass
class Consumer:
    """The stack, a shell beside it, and the example that follows its outcomes."""

    world: World
    shell: Shell
    directory: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> list[str]:
        return (self.directory / "follow.log").read_text().splitlines()

    def deliver(self, detail: dict[str, Any]) -> None:
        """Put an outcome event on the consumer's queue, and wait until it has been dealt with."""
        queue_url = self.shell.environment["OUTCOMES"]
        self.world.send(queue_url, {"detail": detail})
        eventually(lambda: self.world.empty(queue_url), "an empty queue of outcomes")


@pytest.fixture(scope="module")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consumer]:
    directory = tmp_path_factory.mktemp("integration")
    for name in ("docs", "events"):
        (directory / name).symlink_to(ROOT / name)
    with started("integration", parameters={"AlertEmail": "on-call@example.com"}) as world:
        shell = Shell(world.stack.cloud, STACK=world.stack.name)
        shell.keep(BLOCKS["names"] + BLOCKS["outcome-queue"], directory)
        process = shell.start(BLOCKS["follow"], directory, directory / "follow.log")
        try:
            yield Consumer(world, shell, directory, process)
        finally:
            process.terminate()
            process.wait(10)


def test_a_payment_published_from_code_is_cancelled_and_told_once_though_delivered_twice(
    consumer: Consumer,
) -> None:
    consumer.shell.run(BLOCKS["publish-from-code"], consumer.directory)
    eventually(lambda: FROM_CODE in consumer.log, "the outcome")

    [outcome] = consumer.world.outcomes("SUCCEEDS-from-code")
    consumer.deliver(outcome["detail"])

    assert consumer.log.count(FROM_CODE) == 1


def test_a_payment_published_from_the_cli_is_cancelled(consumer: Consumer) -> None:
    failed = consumer.shell.run(BLOCKS["publish-from-the-cli"], consumer.directory)
    assert failed.strip() == "0"
    eventually(lambda: FROM_THE_CLI in consumer.log, "the outcome")


def test_a_message_that_is_no_outcome_does_not_stop_the_consumer(consumer: Consumer) -> None:
    queue_url = consumer.shell.environment["OUTCOMES"]
    consumer.world.send(queue_url, "not JSON")
    eventually(lambda: any("not an outcome event" in one for one in consumer.log), "the complaint")
    assert sum(consumer.world.waiting(queue_url)) == 1
    assert consumer.process.poll() is None


def test_a_refund_that_is_asked_for_twice_is_made_once_after_an_inquiry(consumer: Consumer) -> None:
    payment = "FAILS-CANCEL_WINDOW_EXCEED-integration"
    world, queue_url = consumer.world, consumer.shell.environment["REFUNDS"]
    world.expire(payment)
    [refund] = eventually(lambda: world.take(queue_url), "the refund")
    for _ in range(2):
        world.send(queue_url, refund["Body"])
    client = Client()
    secrets = world.client("secretsmanager")
    text = secrets.get_secret_value(SecretId=world.stack.secret_arn)["SecretString"]
    keys = {version: key.encode() for version, key in json.loads(text)["alipayPublicKeys"].items()}

    while not world.empty(queue_url):
        make_refunds.work(world.sqs, queue_url, Ledger({payment}), client, keys)

    assert [name for name, _ in client.calls] == ["inquiry", "refund"] * 2
    assert len(client.refunds) == 1
    assert client.calls[1] == client.calls[3]


def test_who_is_called_is_seen_and_an_alarm_can_be_tried(consumer: Consumer) -> None:
    assert "on-call@example.com" in consumer.shell.run(BLOCKS["subscriptions"])
    consumer.shell.run(BLOCKS["try-an-alarm"])
    found = consumer.world.client("cloudwatch").describe_alarms(StateValue="ALARM")
    [alarm] = found["MetricAlarms"]
    assert alarm["AlarmName"].startswith(f"{consumer.world.stack.name}-OperatorCases")
    assert "runbook" in alarm["AlarmDescription"]
