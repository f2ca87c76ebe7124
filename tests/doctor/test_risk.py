"""The stack's state, alarms, and who hears them, where the emulated AWS cannot show it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doctor import risk
from doctor import stack as stacks
from tests.doctor.conftest import ACCOUNT, on_aws, summary

CONFIRMED = {"SubscriptionArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:alerts:5b0c", "Protocol": "sqs"}
PENDING = {"SubscriptionArn": "PendingConfirmation", "Protocol": "email"}


@pytest.mark.parametrize(
    ("subscriptions", "expected"),
    [([PENDING], {"WRONG"}), ([CONFIRMED, PENDING], {"OK", "WARNING"})],
)
def test_subscription_counts_once_it_is_confirmed(
    subscriptions: list[dict[str, str]], expected: set[str]
) -> None:
    found = list(risk.judge_topic(subscriptions, on_aws()))
    assert summary(found) == {(one, "alert topic") for one in expected}


def test_alarms_on_metric_math_are_missed_where_payments_are_real() -> None:
    found = risk.judge_alarms([], on_aws(parameters={"Monitoring": "Basic"}))
    assert ("WARNING", "alarms on metric math") in summary(list(found))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CREATE_COMPLETE", "OK"),
        ("UPDATE_ROLLBACK_COMPLETE", "WARNING"),
        ("UPDATE_IN_PROGRESS", "WARNING"),
        ("UPDATE_ROLLBACK_FAILED", "WRONG"),
        ("ROLLBACK_COMPLETE", "WRONG"),
    ],
)
def test_state_of_the_stack(status: str, expected: str) -> None:
    (finding,) = stacks.judge(on_aws(status=status))
    assert finding.status == expected


def test_stack_of_another_template() -> None:
    (finding,) = stacks.judge(replace(on_aws(), parameters={"GatewayUrl": "any"}))
    assert finding.status == "WRONG" and "was not made from this template" in finding.fact
