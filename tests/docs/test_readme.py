"""The commands of README.md and CONTRIBUTING.md as they stand there, in a copy of this clone.

Deployed is to the embedded AWS, but by `sam build` and `sam deploy --guided` themselves, the
questions answered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.gateway import keys
from sandbox.stack.cloud import Cloud
from tests.docs.documents import as_written
from tests.docs.shell import Clone, account
from tests.support.stack import eventually
from tests.template import deployed

# A name that exists nowhere (RFC 2606): no test asks Alipay+ itself.
_NOWHERE = "https://your-sandbox-host.example"

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    made = Clone(tmp_path_factory.mktemp("clone") / "cancel-payment")
    yield made
    made.run("make down")


def test_one_can_play_with_it(clone: Clone) -> None:
    clone.run(as_written("README.md", "make up"))
    clone.run(as_written("README.md", "make send ID=UNKNOWN"))
    sent = clone.run(as_written("README.md", "make send ID=FAILS"))
    assert "Payment Closed is on the bus" in sent
    stack = clone.stack
    assert stack["queue_url"] in clone.run(as_written("README.md", "make status"))
    assert "nothing is wrong" in clone.run(as_written("README.md", "make doctor"))
    sqs = Cloud(stack["cloud"]["endpoint_url"]).client("sqs")
    outcomes: dict[str, str] = {}

    def all_told() -> bool:
        url = stack["outcome_tap_url"]
        for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            detail = json.loads(one["Body"])["detail"]
            outcomes[detail["paymentRequestId"]] = detail["outcome"]
        return len(outcomes) == 2

    eventually(all_told, "both outcomes")
    assert outcomes == {
        "UNKNOWN-2-a": "CANCELLED",
        "FAILS-CANCEL_WINDOW_EXCEED-b": "REFUND_REQUIRED",
    }
    said = clone.run(as_written("README.md", "make report"))
    page = (clone.directory / said.split("Report: ")[1].strip()).read_text()
    assert all(payment in page for payment in outcomes)
    clone.run(as_written("README.md", "make down"))
    assert not (clone.directory / ".sandbox" / "sandbox" / "stack.json").exists()


def test_it_can_be_pointed_at_another_gateway(clone: Clone, tmp_path: Path) -> None:
    keys.generate(tmp_path)
    (clone.directory / "secret.json").write_text((tmp_path / "secret.json").read_text())
    clone.run(as_written("README.md", "make up GATEWAY_URL"))
    assert clone.stack["gateway_url"] == _NOWHERE
    assert clone.stack["stand_in"] is None
    clone.run("make down")


def test_it_is_deployed_by_answering_the_questions_of_sam(clone: Clone, tmp_path: Path) -> None:
    keys.generate(tmp_path / "keys")
    secret = (tmp_path / "keys" / "secret.json").read_text()
    (clone.directory / "secret.json").write_text(secret)
    with account(tmp_path / "aws") as cloud:
        said = clone.run(as_written("README.md", "aws secretsmanager create-secret"), cloud)
        clone.run(as_written("README.md", "make setup"))
        clone.run(as_written("README.md", ".venv/bin/sam build"))

        answers = {
            "GatewayUrl": _NOWHERE,
            "CredentialsSecretArn": json.loads(said)["ARN"],
            # What an emulated AWS does not know.
            "Monitoring": "Basic",
        }
        # Its questions: stack and region, the parameters, three about the deployment,
        # no signing of code, three about a settings file, and whether to make the change.
        names = deployed.parse(deployed.TEMPLATE.read_text())["Parameters"]
        given = [answers.get(one, "") for one in names]
        lines = ["", "", *given, "", "", "", "n", "", "", "", "y", ""]
        guided = as_written("README.md", ".venv/bin/sam deploy --guided")
        printed = clone.run(guided, cloud, typed="\n".join(lines))
        assert "Successfully created/updated stack" in printed, printed[-3000:]
        outputs = outputs_of(cloud, "cancel-payment")
        assert outputs["OutcomeBusName"] == "default"

        doctor = as_written("README.md", "make doctor STACK")
        said = clone.run(doctor, cloud, status=2)  # make's own, for any that is not 0
        [wrong] = [line for line in said.splitlines() if line.startswith("WRONG")]
        assert "your-sandbox-host.example" in wrong

        put = json.loads(
            clone.run(as_written("README.md", "aws events put-events --entries file://"), cloud)
        )
        assert put["FailedEntryCount"] == 0
        assert waits(cloud, outputs["PaymentTimeoutsQueueUrl"], "SUCCEEDS-bus-1")


def test_a_contributor_can_set_up_and_format(clone: Clone) -> None:
    clone.run(as_written("CONTRIBUTING.md", "make setup"))
    assert "files left unchanged" in clone.run(as_written("CONTRIBUTING.md", "make format"))


def outputs_of(cloud: Cloud, stack: str) -> dict[str, str]:
    [found] = cloud.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}


def waits(cloud: Cloud, queue_url: str, payment: str) -> bool:
    """Whether the payment's message is on the queue. Nothing takes it: the emulated AWS reads
    `MaximumConcurrency` as text and then never polls (`sandbox.stack.deploy` corrects that
    elsewhere)."""
    sqs = cloud.client("sqs")
    found = sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=5).get("Messages", [])
    return [json.loads(one["Body"])["paymentRequestId"] for one in found] == [payment]
