"""Each fault in what the deployed local stack tells is found, and nothing else is.

And the doctor only reads, says which right it lacks, and the runbook lists just these rights.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from doctor import stack as stacks
from doctor.aws import Aws
from doctor.deployment import comparison, reasons
from doctor.deployment.properties import DEFAULTS, NOT_KEPT, NOT_TOLD, READERS
from doctor.deployment.template import Template
from doctor.finding import Status, exit_status
from sandbox.stack.lifecycle import Stack
from tests.conftest import ROOT
from tests.doctor.conftest import Examine, Told, summary
from tests.doctor.faults import FAULTS, FUNCTION, TRACKER, at, of_setting
from tests.support.stack import World

pytestmark = pytest.mark.stack

RUNBOOK = ROOT / "docs" / "runbook.md"
CODES = ("AccessDenied", "AccessDeniedException", "AuthorizationError")
# Nobody listens on the port for discarding.
NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize("expected", FAULTS)
def test_seeded_fault_is_the_one_finding(expected: str, told: Told, worries: Examine) -> None:
    subject, _, fact = expected.partition(": ")
    told.changes = [FAULTS[expected]]
    (found,) = worries()
    assert f"{found.status} {found.subject}" == subject
    assert fact in found.fact
    assert found.action


@pytest.mark.parametrize(
    ("name", "value", "also"),
    [
        ("ALIPAY_GATEWAY_URL", NOWHERE, {("WRONG", "gateway TCP")}),
        ("OUTCOME_BUS_NAME", "bus-of-nobody", set()),
    ],
)
def test_setting_of_the_version_in_use_is_not_that_of_the_parameters(
    told: Told, worries: Examine, name: str, value: str, also: set[tuple[str, str]]
) -> None:
    told.changes = [of_setting(name, value)]
    setting = ("WRONG", f"{FUNCTION} Environment")
    found = worries()
    assert summary(found) == {setting} | also
    fact = next(one.fact for one in found if one.subject == setting[1])
    assert name in fact and value not in fact


def test_key_that_signs_is_judged_as_the_version_in_use_has_it(
    world: World, told: Told, findings: Examine
) -> None:
    made = world.client("kms").create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    key = made["KeyMetadata"]["Arn"]
    told.changes = [of_setting("ALIPAY_SIGNING_KEY_ARN", key)]
    found = summary(findings())
    assert ("OK", "signing key") in found
    # It came by hand, and beside the key that signed before.
    assert ("WRONG", f"{FUNCTION} Environment") in found
    assert ("WARNING", "secret privateKey") in found
    told.changes += [("kms:DescribeKey", key, at("KeyMetadata.KeyState", "Disabled"))]
    assert ("WRONG", "signing key") in summary(findings())


@pytest.mark.parametrize(
    ("action", "code", "expected"),
    [
        ("states:DescribeStateMachine", "StateMachineDoesNotExist", f"WRONG {TRACKER}"),
        ("secretsmanager:GetSecretValue", "InvalidRequestException", "WRONG secret"),
    ],
)
def test_what_was_deleted_is_wrong_and_the_rest_is_examined(
    told: Told, findings: Examine, action: str, code: str, expected: str
) -> None:
    told.refusals = {action: {"Code": code, "Message": "gone"}}
    found = summary(findings())
    assert tuple(expected.split(" ")) in found
    assert ("OK", "messages in PaymentTimeoutsDeadLetterQueue") in found


def test_every_property_of_the_template_is_compared(stack: Stack, session: Told) -> None:
    """Another value in the template is found for each, but for those that no call tells; and no
    reason is for a property that is none."""
    aws = Aws(session, stack.cloud.endpoint_url)
    deployed = stacks.find(aws, stack.name)
    compared, missed = [(kind, one) for kind, names in DEFAULTS.items() for one in names], set()
    for name, kind in Template(deployed).resources():
        for one in Template(deployed).properties(name) if kind in READERS else ():
            template: Any = copy.deepcopy(deployed.template)
            other = ["another"] if one == "Queues" else "another"
            template["Resources"][name]["Properties"][one] = other
            found = comparison.check(aws, replace(deployed, template=template), kind)
            compared.append((kind, one))
            if not any(finding.subject.startswith(name) for finding in found):
                missed.add((kind, one))
    assert len(compared) > 200
    left_out = [*NOT_TOLD.items(), *NOT_KEPT.items()]
    assert missed <= {(kind, one) for kind, names in left_out for one in names}
    names = {f"{kind.rpartition(':')[2]}.{one}" for kind, one in compared}
    assert names >= reasons.PROPERTIES


def test_a_healthy_stack_has_nothing_to_worry_about(worries: Examine) -> None:
    """A stack of the template matches it."""
    assert [(one.subject, one.fact) for one in worries()] == []


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
