"""Each fault seeded on the deployed local stack is found, and nothing else is."""

from __future__ import annotations

import json

import pytest

from doctor.finding import Status
from tests.conftest import KeyPair
from tests.doctor.conftest import Examine, summary
from tests.doctor.faults import DEAD_LETTERS, EMPTY, FAULTS, QUEUE
from tests.doctor.hand import Hand

pytestmark = pytest.mark.stack

# Nobody listens on the port for discarding.
NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize("name", FAULTS)
def test_seeded_fault_is_the_one_finding(name: str, hand: Hand, worries: Examine) -> None:
    seed, expected = FAULTS[name]
    subject, _, fact = expected.partition(": ")
    seed(hand)
    (found,) = worries()
    assert f"{found.status} {found.subject}" == subject
    assert fact in found.fact
    assert found.action


@pytest.mark.parametrize(("receives", "status"), [(13, "WRONG"), (50, "WARNING")])
def test_too_few_receives(hand: Hand, worries: Examine, receives: int, status: str) -> None:
    queue = hand.resources[DEAD_LETTERS].rpartition("/")[2]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{queue}"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": receives})
    hand.queue(QUEUE, RedrivePolicy=policy)
    assert summary(worries()) == {(status, "payment queue")}


def test_queue_whose_policy_lets_nobody_in_is_the_fault_of_the_queue_and_of_the_rule(
    hand: Hand, worries: Examine
) -> None:
    hand.queue(QUEUE, Policy=EMPTY)
    assert summary(worries()) == {("WRONG", "payment queue"), ("WRONG", "rule PaymentTimeoutRule")}


def test_alarm_that_fires_leads_to_its_section_of_the_runbook(hand: Hand, worries: Examine) -> None:
    hand.alarm_fires("EffectsFailedAlarm")
    assert worries()[0].action == "docs/runbook.md#effects-failed"


def test_secret_that_is_not_json(hand: Hand, worries: Examine) -> None:
    hand.secret("not JSON")
    assert summary(worries()) == {("WRONG", "secret")}


def test_all_faults_of_a_secret_are_named_at_once(
    hand: Hand, worries: Examine, weak: KeyPair
) -> None:
    hand.secret(
        {
            "clientId": "SANDBOX_\n1",
            "privateKey": weak.pkcs8,
            "alipayPublicKeys": hand.right_secret["alipayPublicKeys"] | {"2": "no key"},
            "agentToken": 7,
        }
    )
    names = ("clientId", "keyVersion", "privateKey", "agentToken")
    expected = {("WRONG", f"secret {name}") for name in names}
    # One of Alipay+'s keys that cannot be used costs that key alone.
    assert summary(worries()) == expected | {("WARNING", "secret alipayPublicKeys")}


def test_own_public_key_in_place_of_alipays(hand: Hand, worries: Examine, ours: KeyPair) -> None:
    swapped = {"privateKey": ours.pkcs8, "alipayPublicKeys": {"1": ours.spki}}
    hand.secret(hand.right_secret | swapped)
    (found,) = worries()
    assert summary([found]) == {("WRONG", "secret alipayPublicKeys.1")}
    assert "public half of our own" in found.fact


def test_secret_that_is_to_be_deleted(hand: Hand, worries: Examine) -> None:
    hand.secret_to_be_deleted()
    assert summary(worries()) == {("WRONG", "secret")}


def test_function_that_calls_another_gateway_which_is_not_there(
    hand: Hand, worries: Examine
) -> None:
    hand.environment(ALIPAY_GATEWAY_URL=NOWHERE)
    assert summary(worries()) == {
        ("WRONG", "gateway TCP"),
        ("WRONG", "settings ALIPAY_GATEWAY_URL"),
        ("WARNING", "alias live"),
    }


def test_key_that_signs_is_judged_as_the_version_in_use_has_it(
    hand: Hand, findings: Examine
) -> None:
    kms = hand.client("kms")
    key = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    hand.environment(ALIPAY_SIGNING_KEY_ARN=key)
    found = summary(findings())
    assert ("OK", "signing key") in found
    # It came by hand, and beside the key that signed before.
    assert ("WRONG", "settings ALIPAY_SIGNING_KEY_ARN") in found
    assert ("WARNING", "secret privateKey") in found
    kms.disable_key(KeyId=key)
    assert ("WRONG", "signing key") in summary(findings())


def test_settings_that_the_function_refuses(hand: Hand, worries: Examine) -> None:
    hand.environment(GATEWAY_TIMEOUT_SECONDS="60")
    assert summary(worries()) == {
        ("WRONG", "settings"),
        ("WRONG", "settings GATEWAY_TIMEOUT_SECONDS"),
        ("WARNING", "alias live"),
    }


def test_resource_deleted_by_hand_is_wrong_and_the_rest_is_examined(
    hand: Hand, findings: Examine
) -> None:
    hand.tracker_deleted()
    found = findings()
    assert ("WRONG", "tracker") in summary(found)
    assert ("OK", "messages in dead-letter queue") in summary(found)


def test_trackers_are_told_as_information(hand: Hand, findings: Examine) -> None:
    hand.tracker_running()
    (found,) = [one for one in findings() if one.subject == "trackers"]
    assert (found.status, "1 running" in found.fact) == (Status.INFO, True)


def test_healthy_again(worries: Examine) -> None:
    """That a stack of the template is as designed, and every hand has put right what it changed."""
    assert worries() == []
