"""Each fault in what the deployed local stack tells is found, and nothing else is."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from doctor import stack as stacks
from doctor.aws import Aws
from doctor.deployment import comparison, reasons
from doctor.deployment.properties import DEFAULTS, NOT_KEPT, NOT_TOLD, READERS
from doctor.deployment.template import Template
from sandbox.stack.lifecycle import Stack
from tests.doctor.conftest import Examine, Told, summary
from tests.doctor.faults import FAULTS, FUNCTION, TRACKER, at, of_setting
from tests.support.stack import World

pytestmark = pytest.mark.stack

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
