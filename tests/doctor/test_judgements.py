"""What the emulated AWS does not keep, judged from facts as AWS tells them.

Its list of subscriptions does not say which are pending; it does not apply the template's word on
loop detection and on the tracker's log. And a version of a function, once published, does not
change.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from doctor import alarms, alerts, design, function, limits, queue_policy, tracker
from doctor import deployment as stacks
from doctor.deployment import Deployment
from doctor.finding import Finding, exit_status
from tests.doctor.conftest import on_aws, summary

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
CONFIRMED = {"SubscriptionArn": f"{TOPIC}:5b0c", "Protocol": "sqs"}
PENDING = {"SubscriptionArn": "PendingConfirmation", "Protocol": "email"}
RIGHT_FUNCTION = {
    "Version": "7",
    "Runtime": design.RUNTIME,
    "Handler": design.HANDLER,
    "Timeout": 30,
    "State": "Active",
    "Architectures": ["arm64"],
    "LoggingConfig": {"ApplicationLogLevel": "INFO", "LogGroup": "/aws/lambda/f"},
}
RIGHT_TRACKER = {
    "status": "ACTIVE",
    "type": "STANDARD",
    "loggingConfiguration": {"level": "ERROR", "destinations": [{"cloudWatchLogsLogGroup": {}}]},
}


@pytest.mark.parametrize(
    ("subscriptions", "expected"),
    [
        ([CONFIRMED], {("OK", "alert topic")}),
        ([PENDING], {("WRONG", "alert topic")}),
        ([CONFIRMED, PENDING], {("OK", "alert topic"), ("WARNING", "alert topic")}),
        ([], {("WRONG", "alert topic")}),
    ],
)
def test_subscription_counts_once_it_is_confirmed(
    subscriptions: list[dict[str, str]], expected: set[tuple[str, str]], deployment: Deployment
) -> None:
    assert summary(list(alerts.judge(subscriptions, deployment))) == expected


def test_pending_subscription_says_what_to_open(deployment: Deployment) -> None:
    (finding,) = alerts.judge([PENDING], deployment)
    assert "not confirmed" in finding.fact and "Subscription Confirmation" in finding.action


def test_nobody_subscribed_is_information_only_on_an_emulated_aws_without_an_address() -> None:
    without = {"AlertEmail": ""}
    assert summary(list(alerts.judge([], on_aws(emulated=True, parameters=without)))) == {
        ("INFO", "alert topic")
    }
    assert summary(list(alerts.judge([], on_aws(parameters=without)))) == {("WRONG", "alert topic")}


@pytest.mark.parametrize(
    ("setting", "emulated", "status"),
    [("Allow", False, "OK"), ("Terminate", False, "WRONG"), ("Terminate", True, "INFO")],
)
def test_loop_detection_stops_payments_on_aws(setting: str, emulated: bool, status: str) -> None:
    (finding,) = limits.judge_recursion(setting, on_aws(emulated=emulated))
    assert finding.status == status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "OK"),
        ({"Runtime": "python3.12"}, "WRONG"),
        ({"Handler": "app.handler"}, "WRONG"),
        ({"State": "Failed", "StateReason": "no role"}, "WRONG"),
        ({"State": "Pending"}, "WARNING"),
        ({"LoggingConfig": {"LogGroup": "/aws/lambda/f", "ApplicationLogLevel": "WARN"}}, "WRONG"),
        ({"LoggingConfig": {"LogGroup": "/aws/lambda/other"}}, "WRONG"),
        ({"Architectures": ["x86_64"]}, "WRONG"),
        ({"VpcConfig": {"SubnetIds": ["subnet-0a"], "SecurityGroupIds": []}}, "WRONG"),
        ({"KMSKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/5b0c"}, "WRONG"),
    ],
)
def test_version_that_the_queue_invokes(
    changes: dict[str, Any], status: str, deployment: Deployment
) -> None:
    (finding,) = function.judge(RIGHT_FUNCTION | changes, deployment)
    assert finding.status == status


@pytest.mark.parametrize(
    ("alias", "status"),
    [
        ({"FunctionVersion": "7"}, "OK"),
        ({"FunctionVersion": "6"}, "WARNING"),
        (
            {
                "FunctionVersion": "6",
                "RoutingConfig": {"AdditionalVersionWeights": {"7": 0.1}},
            },
            "WARNING",
        ),
    ],
)
def test_alias_points_at_what_was_deployed_last(
    alias: dict[str, Any], status: str, deployment: Deployment
) -> None:
    (finding,) = function.judge_alias(alias, deployment)
    assert finding.status == status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "OK"),
        ({"status": "DELETING"}, "WRONG"),
        ({"type": "EXPRESS"}, "WRONG"),
        ({"loggingConfiguration": {}}, "WRONG"),
        ({"loggingConfiguration": {"level": "ERROR"}}, "WRONG"),
        ({"loggingConfiguration": {"level": "FATAL", "destinations": [{}]}}, "WRONG"),
    ],
)
def test_tracker(changes: dict[str, Any], status: str, deployment: Deployment) -> None:
    (finding,) = tracker.judge(RIGHT_TRACKER | changes, deployment)
    assert finding.status == status


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CREATE_COMPLETE", "OK"),
        ("UPDATE_ROLLBACK_COMPLETE", "WARNING"),
        ("UPDATE_IN_PROGRESS", "WARNING"),
        ("UPDATE_ROLLBACK_FAILED", "WRONG"),
        ("ROLLBACK_COMPLETE", "WRONG"),
        ("DELETE_FAILED", "WRONG"),
    ],
)
def test_state_of_the_stack(status: str, expected: str) -> None:
    (finding,) = stacks.judge(on_aws(status=status))
    assert finding.status == expected


def test_version_in_use_has_what_the_stack_chose() -> None:
    """What is in the parameters and never reached the alias is the fault this is about."""
    network = {"VpcSubnetIds": "subnet-0a,subnet-0b", "VpcSecurityGroupIds": "sg-0c"}
    stack = on_aws(parameters=network)
    (missing, _) = function.judge(RIGHT_FUNCTION, stack)
    assert "the version in use has none, the stack says subnet-0a, subnet-0b" in missing.fact
    right = {"SubnetIds": ["subnet-0b", "subnet-0a"], "SecurityGroupIds": ["sg-0c"]}
    (found,) = function.judge(RIGHT_FUNCTION | {"VpcConfig": right}, stack)
    assert found.status == "OK"


def test_existing_topic_is_the_one_that_alarms_tell() -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:on-call"
    stack = on_aws(parameters={"AlertTopicArn": topic}, resources={"EffectsFailedAlarm": "a"})
    alarm = {"AlarmName": "a", "ActionsEnabled": True, "StateValue": "OK"}
    assert summary(list(alarms.judge([alarm | {"AlarmActions": [topic]}], stack))) == {
        ("OK", "alarms")
    }


def test_alarms_on_metric_math_are_missed_where_payments_are_real() -> None:
    found = alarms.judge([], on_aws(parameters={"Monitoring": "Basic"}))
    assert summary(list(found)) == {("WARNING", "alarms on metric math")}


def test_alarm_that_tells_another_topic(deployment: Deployment) -> None:
    stack = on_aws(resources={**deployment.resources, "DeadLettersAlarm": "dead-letters"})
    alarm = {"AlarmName": "dead-letters", "ActionsEnabled": True, "StateValue": "OK"}
    elsewhere = alarms.judge([alarm | {"AlarmActions": []}], stack)
    assert summary(list(elsewhere)) == {("WRONG", "alarm DeadLetters")}
    here = alarms.judge([alarm | {"AlarmActions": [TOPIC]}], stack)
    assert summary(list(here)) == {("OK", "alarms")}


@pytest.mark.parametrize("action", ["sqs:*", ["sqs:*"], "SQS:*"])
@pytest.mark.parametrize("key", ["aws:SecureTransport", "aws:securetransport"])
def test_tls_only_policy_is_known_in_each_of_its_forms(action: Any, key: str) -> None:
    statement = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": action, "Resource": "*"}
    policy = {"Statement": statement | {"Condition": {"Bool": {key: False}}}}
    assert queue_policy.is_tls_only(json.dumps(policy))
    narrower = {"Statement": statement | {"Action": "sqs:SendMessage"}}
    assert not queue_policy.is_tls_only(json.dumps(narrower))


def test_exit_status_is_of_what_is_wrong_before_what_is_unknown() -> None:
    ok, unknown = Finding.ok("a", "b"), Finding.unknown("a", "b", "c")
    wrong, warning = Finding.wrong("a", "b", "c"), Finding.warning("a", "b", "c")
    assert exit_status([ok, warning]) == 0
    assert exit_status([ok, unknown]) == 2
    assert exit_status([unknown, wrong, ok]) == 1
