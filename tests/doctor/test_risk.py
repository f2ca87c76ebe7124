"""The stack's state, alarms, and who hears them, judged from facts as AWS tells them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doctor import risk
from doctor import stack as stacks
from doctor.finding import Finding, exit_status
from tests.doctor.conftest import ACCOUNT, on_aws, summary

TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alerts"
CONFIRMED = {"SubscriptionArn": f"{TOPIC}:5b0c", "Protocol": "sqs"}
PENDING = {"SubscriptionArn": "PendingConfirmation", "Protocol": "email"}


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
    subscriptions: list[dict[str, str]], expected: set[tuple[str, str]]
) -> None:
    found = list(risk.judge_topic(subscriptions, on_aws()))
    assert summary(found) == expected
    assert all("Confirmation" in one.action for one in found if "not confirmed" in one.fact)


def test_nobody_subscribed_is_information_on_an_emulated_aws_without_an_address() -> None:
    stack = on_aws(emulated=True, parameters={"AlertEmail": ""})
    assert summary(list(risk.judge_topic([], stack))) == {("INFO", "alert topic")}


def test_alarms_on_metric_math_are_missed_where_payments_are_real() -> None:
    found = risk.judge_alarms([], on_aws(parameters={"Monitoring": "Basic"}))
    assert ("WARNING", "alarms on metric math") in summary(list(found))


def test_alarm_that_fires_is_a_warning_beside_the_others() -> None:
    fires = {"AlarmName": "a", "StateValue": "ALARM", "StateUpdatedTimestamp": datetime.now(UTC)}
    found = list(risk.judge_alarms([fires | {"AlarmDescription": "x #dead-letters"}], on_aws()))
    assert summary(found) == {("WARNING", "alarm a")}
    assert found[0].action == "docs/runbook.md#dead-letters"


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


def test_exit_status_is_of_what_is_wrong_before_what_is_unknown() -> None:
    ok, unknown = Finding.ok("a", "b"), Finding.unknown("a", "b", "c")
    wrong, warning = Finding.wrong("a", "b", "c"), Finding.warning("a", "b", "c")
    assert exit_status([ok, warning]) == 0
    assert exit_status([ok, unknown]) == 2
    assert exit_status([unknown, wrong, ok]) == 1
