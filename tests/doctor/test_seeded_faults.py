"""Each fault seeded on the deployed local stack is found, and nothing else is."""

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
from tests.doctor.conftest import Examine, KeptClients, summary
from tests.doctor.faults import FAULTS, FUNCTION
from tests.doctor.hand import Hand

pytestmark = pytest.mark.stack

# Nobody listens on the port for discarding.
NOWHERE = "http://127.0.0.1:9"
ALIAS = ("WARNING", "CancelPaymentFunctionAliaslive FunctionVersion")


@pytest.mark.parametrize("expected", FAULTS)
def test_seeded_fault_is_the_one_finding(expected: str, hand: Hand, worries: Examine) -> None:
    subject, _, fact = expected.partition(": ")
    FAULTS[expected](hand)
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
    hand: Hand, worries: Examine, name: str, value: str, also: set[tuple[str, str]]
) -> None:
    hand.environment(**{name: value})
    setting = ("WRONG", f"{FUNCTION} Environment")
    found = worries()
    assert summary(found) == {setting, ALIAS} | also
    fact = next(one.fact for one in found if one.subject == setting[1])
    assert name in fact and value not in fact


def test_key_that_signs_is_judged_as_the_version_in_use_has_it(
    hand: Hand, findings: Examine
) -> None:
    kms = hand.client("kms")
    key = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    hand.environment(ALIPAY_SIGNING_KEY_ARN=key)
    found = summary(findings())
    assert ("OK", "signing key") in found
    # It came by hand, and beside the key that signed before.
    assert ("WRONG", f"{FUNCTION} Environment") in found
    assert ("WARNING", "secret privateKey") in found
    kms.disable_key(KeyId=key)
    assert ("WRONG", "signing key") in summary(findings())


def test_resource_deleted_by_hand_is_wrong_and_the_rest_is_examined(
    hand: Hand, findings: Examine
) -> None:
    hand.tracker_deleted()
    found = summary(findings())
    assert ("WRONG", "CancelUntilCutoffStateMachine") in found
    assert ("OK", "messages in PaymentTimeoutsDeadLetterQueue") in found


def test_every_property_of_the_template_is_compared(stack: Stack, session: KeptClients) -> None:
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


def test_healthy_again(worries: Examine) -> None:
    """A stack of the template matches it, and every seeded fault has been put right."""
    assert [(one.subject, one.fact) for one in worries()] == []
