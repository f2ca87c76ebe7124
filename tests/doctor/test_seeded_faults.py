"""Each fault seeded on the deployed local stack is found, and nothing else is."""

from __future__ import annotations

import pytest

from doctor.finding import Status
from tests.doctor.conftest import Examine, summary
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
        ("GATEWAY_TIMEOUT_SECONDS", "61", set()),
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


def test_running_trackers_are_information(hand: Hand, findings: Examine) -> None:
    hand.tracker_running()
    (found,) = [one for one in findings() if one.subject == "trackers"]
    assert (found.status, "1 running" in found.fact) == (Status.INFO, True)


def test_healthy_again(worries: Examine) -> None:
    """A stack of the template matches it, and every seeded fault has been put right."""
    assert worries() == []
