"""The one finding that follows from a fault, "STATUS subject: part of it", and the fault.

A fault is what one call answers then: its IAM action, a text that the call is about (in names and
URLs), and the change. At least one for each call; that every other property of the template is
compared too, `test_every_property_of_the_template_is_compared` proves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

type Answer = Any
type Fault = tuple[str, str, Callable[[Answer], None]]

GONE: Final = object()
EMPTY: Final = json.dumps({"Version": "2012-10-17", "Statement": []})
QUEUE, FUNCTION = "PaymentTimeoutsQueue", "CancelPaymentFunction"
MAPPING, RULE = "CancelPaymentFunctionPaymentTimeouts", "PaymentTimeoutRule"
TRACKER, CASES_ALARM = "CancelUntilCutoffStateMachine", "OperatorCasesAlarm"


def at(path: str, value: Any = GONE) -> Callable[[Answer], None]:
    """Put a value, or what it makes of the old one, into a place of an answer (`Targets.0.Arn`)."""

    def change(answer: Answer) -> None:
        *steps, last = path.split(".")
        for step in steps:
            answer = answer[int(step) if isinstance(answer, list) else step]
        if value is GONE:
            del answer[last]
        else:
            answer[last] = value(answer[last]) if callable(value) else value

    return change


def of_queue(name: str, attribute: str, value: Any) -> Fault:
    return "sqs:GetQueueAttributes", name, at(f"Attributes.{attribute}", value)


def of_mapping(name: str, value: Any) -> Fault:
    return "lambda:GetEventSourceMapping", "", at(name, value)


def of_pattern(rule: str, **changes: Any) -> Fault:
    def changed(text: str) -> str:
        pattern = json.loads(text) | changes
        return json.dumps({key: one for key, one in pattern.items() if one is not GONE})

    return "events:DescribeRule", rule, at("EventPattern", changed)


def of_alarm(name: str, **changes: Any) -> Fault:
    """Without changes there is no such alarm."""

    def change(answer: Answer) -> None:
        [alarm] = [one for one in answer["MetricAlarms"] if name in one["AlarmName"]]
        alarm |= changes
        if not changes:
            answer["MetricAlarms"].remove(alarm)

    return "cloudwatch:DescribeAlarms", "", change


def of_setting(name: str, value: str) -> Fault:
    """A setting of the version in use."""
    return "lambda:GetFunctionConfiguration", "", at(f"Environment.Variables.{name}", value)


def of_secret(text: str) -> Fault:
    return "secretsmanager:GetSecretValue", "", at("SecretString", text)


FIRING: Final = {"StateValue": "ALARM", "StateTransitionedTimestamp": datetime.now(UTC)}
FAULTS: Final[dict[str, Fault]] = {
    f"WRONG {QUEUE} VisibilityTimeout: it is 30; the template says 180": (
        of_queue("-payment-timeouts", "VisibilityTimeout", "30")
    ),
    f"WRONG {QUEUE} RedrivePolicy: does not go to its dead-letter queue": (
        of_queue("-payment-timeouts", "RedrivePolicy", GONE)
    ),
    "WRONG RefundQueue SqsManagedSseEnabled: not encrypted": (
        of_queue("-RefundQueue", "SqsManagedSseEnabled", "false")
    ),
    f"WRONG {QUEUE}Policy PolicyDocument: a rule may not deliver": (
        of_queue("-payment-timeouts", "Policy", EMPTY)
    ),
    "WARNING messages in OperatorCasesQueue: 1, each a payment that only a person": (
        of_queue("-OperatorCasesQueue", "ApproximateNumberOfMessages", "1")
    ),
    "WARNING messages in PaymentTimeoutsDeadLetterQueue: 2, each a payment that nobody cancels": (
        of_queue("-PaymentTimeoutsDeadLetterQueue", "ApproximateNumberOfMessagesNotVisible", "2")
    ),
    f"WRONG {MAPPING} State: no payment is taken": of_mapping("State", "Disabled"),
    f"WRONG {MAPPING} FunctionResponseTypes: the payment is lost": (
        of_mapping("FunctionResponseTypes", [])
    ),
    f"WRONG {MAPPING} ScalingConfig: MaximumConcurrency is 3; the template says 2": (
        of_mapping("ScalingConfig", {"MaximumConcurrency": 3})
    ),
    f"WARNING {MAPPING} MaximumBatchingWindowInSeconds: it is 20": (
        of_mapping("MaximumBatchingWindowInSeconds", 20)
    ),
    f"WRONG {FUNCTION} ReservedConcurrentExecutions: it is 0": (
        *("lambda:GetFunctionConcurrency", ""),
        at("ReservedConcurrentExecutions", 0),
    ),
    "WARNING CancelPaymentFunctionAliaslive FunctionVersion: somebody moved it": (
        *("lambda:GetAlias", ""),
        at("FunctionVersion", "99"),
    ),
    f"WRONG {RULE} State: disabled": ("events:DescribeRule", RULE, at("State", "DISABLED")),
    f"WRONG {RULE} EventPattern: the template says left out": of_pattern(RULE, account=["1"]),
    "WRONG RefundRequiredRule EventPattern: a second refund": (
        of_pattern("RefundRequiredRule", **{"replay-name": GONE})
    ),
    f"WRONG {RULE} Targets: InputPath is left out": (
        *("events:ListTargetsByRule", RULE),
        at("Targets.0.InputPath"),
    ),
    "WRONG RefundRequiredRule Targets: lost": (
        *("events:ListTargetsByRule", "RefundRequiredRule"),
        at("Targets.0.DeadLetterConfig"),
    ),
    f"WRONG {TRACKER} LoggingConfiguration: does not log its errors": (
        *("states:DescribeStateMachine", ""),
        at("loggingConfiguration", {"level": "OFF"}),
    ),
    f"WRONG {CASES_ALARM}: not there": of_alarm(CASES_ALARM),
    f"WRONG {CASES_ALARM} ActionsEnabled: nobody hears": (
        of_alarm(CASES_ALARM, ActionsEnabled=False)
    ),
    "WRONG KeysRefusedAlarm Threshold: it is 100; the template says 1": (
        of_alarm("KeysRefusedAlarm", Threshold=100)
    ),
    "WARNING alarm EffectsFailedAlarm: firing since": of_alarm("EffectsFailedAlarm", **FIRING),
    "WRONG alert topic: nobody is subscribed": (
        *("sns:ListSubscriptionsByTopic", ""),
        at("Subscriptions", []),
    ),
    "WRONG OperatorAlertsKey KeyState: no alarm is heard": (
        *("kms:DescribeKey", ""),
        at("KeyMetadata.KeyState", "Disabled"),
    ),
    "WRONG secret: not a JSON object": of_secret("not JSON"),
}
