"""Each fault seeded on the deployed local stack is found, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from doctor.finding import Status
from tests.conftest import KeyPair
from tests.doctor.conftest import Examine, told
from tests.doctor.hand import Hand

pytestmark = pytest.mark.stack

# Nobody listens on the port for discarding.
NOWHERE = "http://127.0.0.1:9"
OPEN = json.dumps({"Version": "2012-10-17", "Statement": []})

# What is done by hand, and the finding that must follow: status, subject, part of the fact.
FAULTS: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], str, str, str]] = {
    "visibility timeout of the function itself": (
        *("queue", ("PaymentTimeoutsQueue",), {"VisibilityTimeout": "30"}),
        *("WRONG", "payment queue", "sent twice at once"),
    ),
    "visibility timeout too long": (
        *("queue", ("PaymentTimeoutsQueue",), {"VisibilityTimeout": "600"}),
        *("WRONG", "payment queue", "retries wait"),
    ),
    "queue kept as long as its dead letters": (
        *("queue", ("PaymentTimeoutsQueue",), {"MessageRetentionPeriod": "1209600"}),
        *("WRONG", "dead-letter queue", "no longer than its source"),
    ),
    "no redrive policy": (
        *("queue", ("PaymentTimeoutsQueue",), {"RedrivePolicy": ""}),
        *("WRONG", "payment queue", "does not go to the dead-letter queue"),
    ),
    "queue not encrypted": (
        *("queue", ("RefundQueue",), {"SqsManagedSseEnabled": "false"}),
        *("WRONG", "refund queue", "not encrypted"),
    ),
    "queue without its TLS-only policy": (
        *("queue", ("PaymentTimeoutsDeadLetterQueue",), {"Policy": OPEN}),
        *("WRONG", "dead-letter queue", "without TLS"),
    ),
    "undelivered events forgotten": (
        *("queue", ("UndeliveredEventsQueue",), {"MessageRetentionPeriod": "345600"}),
        *("WRONG", "undelivered queue", "after 4 days"),
    ),
    "redrive allowed to nobody": (
        *("queue", ("PaymentTimeoutsDeadLetterQueue",)),
        {"RedriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"})},
        *("WRONG", "dead-letter queue", "redrive-allow"),
    ),
    "mapping disabled": (
        *("mapping", (), {"Enabled": False}),
        *("WRONG", "event source mapping", "no payment is taken"),
    ),
    "mapping without batch item failures": (
        *("mapping", (), {"FunctionResponseTypes": []}),
        *("WRONG", "event source mapping", "the payment is lost"),
    ),
    "mapping with another batch size": (
        *("mapping", (), {"BatchSize": 5}),
        *("WRONG", "event source mapping", "batch size is 5"),
    ),
    "mapping with another concurrency": (
        *("mapping", (), {"ScalingConfig": {"MaximumConcurrency": 3}}),
        *("WRONG", "event source mapping", "concurrency is 3; the stack says 2"),
    ),
    "mapping that waits for company": (
        *("mapping", (), {"MaximumBatchingWindowInSeconds": 20}),
        *("WARNING", "event source mapping", "up to 20 s"),
    ),
    "function switched off": (
        *("reserved", (0,), {}),
        *("WRONG", "function concurrency", "switched the function off"),
    ),
    "concurrency reserved": (
        *("reserved", (5,), {}),
        *("WARNING", "function concurrency", "5 reserved"),
    ),
    "rule disabled": (
        *("rule_disabled", ("PaymentTimeoutRule",), {}),
        *("WRONG", "rule PaymentTimeoutRule", "disabled"),
    ),
    "rule for another source": (
        *("rule_source", ("PaymentTimeoutRule", "acquirer.orders"), {}),
        *("WRONG", "rule PaymentTimeoutRule", "of acquirer.payments"),
    ),
    "rule that passes on the whole event": (
        *("target", ("PaymentTimeoutRule",), {"InputPath": None}),
        *("WRONG", "rule PaymentTimeoutRule", "$.detail"),
    ),
    "rule without a queue for undelivered events": (
        *("target", ("RefundRequiredRule",), {"DeadLetterConfig": None}),
        *("WRONG", "rule RefundRequiredRule", "lost"),
    ),
    "rule that delivers elsewhere": (
        *("target", ("OperatorAlertRule",), {"Arn": "arn:aws:sns:us-east-1:000000000000:other"}),
        *("WRONG", "rule OperatorAlertRule", "does not deliver to OperatorAlertsTopic"),
    ),
    "tracker without a log": (
        *("tracker_log", ("OFF",), {}),
        *("WRONG", "tracker", "does not log its errors"),
    ),
    "alarm deleted": (
        *("alarm_deleted", ("UnresolvedPaymentsAlarm",), {}),
        *("WRONG", "alarm UnresolvedPayments", "not there"),
    ),
    "alarm that tells nobody": (
        *("alarm_actions_disabled", ("DeadLettersAlarm",), {}),
        *("WRONG", "alarm DeadLetters", "actions are disabled"),
    ),
    "alarm that goes off": (
        *("alarm_goes_off", ("OldestRequestAlarm",), {}),
        *("WARNING", "alarm OldestRequest", "in alarm since"),
    ),
    "nobody subscribed": (
        *("unsubscribed", (), {}),
        *("WRONG", "alert topic", "nobody is subscribed"),
    ),
    "alert key disabled": (
        *("key_disabled", (), {}),
        *("WRONG", "alert topic's key", "Disabled"),
    ),
    "metric filter deleted": (
        *("metric_filter_deleted", (), {}),
        *("WRONG", "metric filter of refused keys", "stays silent"),
    ),
    "a dead letter": (
        *("message", ("PaymentTimeoutsDeadLetterQueue",), {}),
        *("WARNING", "messages in dead-letter queue", "1, each a payment that nobody cancels"),
    ),
    "an undelivered event": (
        *("message", ("UndeliveredEventsQueue",), {}),
        *("WARNING", "messages in undelivered queue", "1, each an event"),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_seeded_fault_is_the_one_finding(name: str, hand: Hand, worries: Examine) -> None:
    method, arguments, named, status, subject, fact = FAULTS[name]
    getattr(hand, method)(*arguments, **named)
    found = worries()
    assert told(found) == {(status, subject)}
    assert fact in found[0].fact
    assert found[0].action


@pytest.mark.parametrize(("receives", "status"), [(13, "WRONG"), (50, "WARNING")])
def test_too_few_receives(hand: Hand, worries: Examine, receives: int, status: str) -> None:
    queue = hand.resources["PaymentTimeoutsDeadLetterQueue"].rpartition("/")[2]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{queue}"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": receives})
    hand.queue("PaymentTimeoutsQueue", RedrivePolicy=policy)
    assert told(worries()) == {(status, "payment queue")}


def test_queue_whose_policy_lets_nobody_in_is_the_fault_of_the_queue_and_of_the_rule(
    hand: Hand, worries: Examine
) -> None:
    hand.queue("PaymentTimeoutsQueue", Policy=OPEN)
    assert told(worries()) == {("WRONG", "payment queue"), ("WRONG", "rule PaymentTimeoutRule")}


def test_alarm_that_goes_off_leads_to_its_section_of_the_runbook(
    hand: Hand, worries: Examine
) -> None:
    hand.alarm_goes_off("OldestRequestAlarm")
    assert worries()[0].action == "docs/runbook.md#oldest-request"


def test_secret_that_is_not_json(hand: Hand, worries: Examine) -> None:
    hand.secret("not JSON")
    assert told(worries()) == {("WRONG", "secret")}


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
    names = ("clientId", "keyVersion", "privateKey", "alipayPublicKeys", "agentToken")
    assert told(worries()) == {("WRONG", f"secret {name}") for name in names}


def test_own_public_key_in_place_of_alipays(hand: Hand, worries: Examine, ours: KeyPair) -> None:
    swapped = {"privateKey": ours.pkcs8, "alipayPublicKeys": {"1": ours.spki}}
    hand.secret(hand.right_secret | swapped)
    (found,) = worries()
    assert told([found]) == {("WRONG", "secret alipayPublicKeys.1")}
    assert "public half of our own" in found.fact


def test_secret_that_is_to_be_deleted(hand: Hand, worries: Examine) -> None:
    hand.secret_to_be_deleted()
    assert told(worries()) == {("WRONG", "secret")}


def test_function_that_calls_another_gateway_which_is_not_there(
    hand: Hand, worries: Examine
) -> None:
    hand.environment(ALIPAY_GATEWAY_URL=NOWHERE)
    assert told(worries()) == {
        ("WRONG", "gateway TCP"),
        ("WRONG", "settings ALIPAY_GATEWAY_URL"),
        ("WARNING", "alias live"),
    }


def test_settings_that_the_function_refuses(hand: Hand, worries: Examine) -> None:
    hand.environment(GATEWAY_TIMEOUT_SECONDS="60")
    assert told(worries()) == {
        ("WRONG", "settings"),
        ("WRONG", "settings GATEWAY_TIMEOUT_SECONDS"),
        ("WARNING", "alias live"),
    }


def test_resource_deleted_by_hand_is_wrong_and_the_rest_is_examined(
    hand: Hand, findings: Examine
) -> None:
    hand.tracker_deleted()
    found = findings()
    assert ("WRONG", "tracker") in told(found)
    assert ("OK", "messages in dead-letter queue") in told(found)


def test_trackers_are_told_as_information(hand: Hand, findings: Examine) -> None:
    hand.tracker_running()
    (found,) = [one for one in findings() if one.subject == "trackers"]
    assert (found.status, "1 running" in found.fact) == (Status.INFO, True)


def test_healthy_again(worries: Examine) -> None:
    """That a stack of the template is as designed, and every hand has put right what it changed."""
    assert worries() == []
