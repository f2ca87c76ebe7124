"""The doctor only reads, says which right it lacks, and the runbook lists just these rights."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from doctor.aws import Aws
from doctor.finding import Status, exit_status
from tests.doctor.conftest import Examine, Told

pytestmark = pytest.mark.stack

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
CODES = ("AccessDenied", "AccessDeniedException", "AuthorizationError")


@pytest.fixture
def actions(told: Told, findings: Examine) -> set[str]:
    """What a whole examination calls."""
    told.made = set()
    findings()
    return set(told.made)


def test_every_call_is_a_read_and_no_other_is_made(told: Told, actions: set[str]) -> None:
    assert len(actions) > 15
    assert {one for one in actions if not re.search(r":(Get|List|Describe)", one)} == set()
    with pytest.raises(ValueError, match="not a read"):
        Aws(told).read("sqs", "purge_queue", QueueUrl="https://example.com/queue")


def test_each_right_that_is_missing_is_named_and_nothing_else_is_called_wrong(
    told: Told, findings: Examine, actions: set[str]
) -> None:
    for number, action in enumerate(sorted(actions)):
        told.refusals = {action: {"Code": CODES[number % len(CODES)], "Message": "no"}}
        found = findings()
        assert exit_status(found) == 2, action
        unknown = [one for one in found if one.status is Status.UNKNOWN]
        assert unknown and all(f"{action} is not allowed" in one.fact for one in unknown)
        # Which gateway it is stands in the stack's parameters, too.
        whole = not action.startswith("cloudformation:")
        assert whole == any(one.subject == "gateway" for one in found)


def test_denied_kms_key_of_the_secret_is_named_too(told: Told, findings: Examine) -> None:
    denied = {"Code": CODES[1], "Message": "Access to KMS is not allowed"}
    told.refusals = {"secretsmanager:GetSecretValue": denied}
    (finding,) = [one for one in findings() if one.subject == "secret"]
    assert "kms:Decrypt" in finding.fact


def test_runbook_lists_exactly_the_rights_that_are_used(actions: set[str]) -> None:
    section = RUNBOOK.read_text().partition("\n# Doctor\n")[2].partition("\n# ")[0]
    (policy,) = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    listed = {one for statement in json.loads(policy)["Statement"] for one in statement["Action"]}
    # With a key of KMS: of the secret, and one that signs.
    assert listed == actions | {"kms:Decrypt", "kms:GetKeyPolicy", "kms:GetPublicKey"}
