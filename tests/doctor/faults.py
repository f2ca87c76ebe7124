"""The one finding that follows from a fault, "STATUS subject: part of it", and the fault.

At least one for each service that is read and each of its calls; that every other property of the
template is compared too, `test_every_property_of_the_template_is_compared` proves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from tests.doctor.hand import Hand

type Seed = Callable[[Hand], None]

# A policy that says nothing.
EMPTY: Final = json.dumps({"Version": "2012-10-17", "Statement": []})
QUEUE, FUNCTION = "PaymentTimeoutsQueue", "CancelPaymentFunction"
MAPPING, RULE = "CancelPaymentFunctionPaymentTimeouts", "PaymentTimeoutRule"
TRACKER, CASES_ALARM = "CancelUntilCutoffStateMachine", "OperatorCasesAlarm"
DEAD_LETTERS = "PaymentTimeoutsDeadLetterQueue"


def fires(hand: Hand) -> None:
    states = [{"StateValue": one, "StateReason": "seeded"} for one in ("ALARM", "OK")]
    alarm = hand.resources["EffectsFailedAlarm"]
    hand.change("cloudwatch set_alarm_state", "set_alarm_state", *states, AlarmName=alarm)


def deleted(hand: Hand) -> None:
    hand.alarm(CASES_ALARM)
    hand.client("cloudwatch").delete_alarms(AlarmNames=[hand.resources[CASES_ALARM]])


def logs_nothing(hand: Hand) -> None:
    off, on = {"level": "OFF", "destinations": []}, {}  # type: ignore[var-annotated]
    put = {"loggingConfiguration": off}, {"loggingConfiguration": on}
    arn = hand.stack.state_machine_arn
    hand.change(
        "stepfunctions update_state_machine", "update_state_machine", *put, stateMachineArn=arn
    )


FAULTS: Final[dict[str, Seed]] = {
    f"WRONG {QUEUE} VisibilityTimeout: it is 30; the template says 180": lambda hand: hand.queue(
        QUEUE, VisibilityTimeout="30"
    ),
    f"WRONG {QUEUE} RedrivePolicy: does not go to its dead-letter queue": lambda hand: hand.queue(
        QUEUE, RedrivePolicy=""
    ),
    "WRONG RefundQueue SqsManagedSseEnabled: not encrypted": lambda hand: hand.queue(
        "RefundQueue", SqsManagedSseEnabled="false"
    ),
    f"WRONG {QUEUE}Policy PolicyDocument: a rule may not deliver": lambda hand: hand.queue(
        QUEUE, Policy=EMPTY
    ),
    f"WRONG {MAPPING} State: no payment is taken": lambda hand: hand.mapping(Enabled=False),
    f"WRONG {MAPPING} FunctionResponseTypes: the payment is lost": lambda hand: hand.mapping(
        FunctionResponseTypes=[]
    ),
    f"WRONG {MAPPING} ScalingConfig: MaximumConcurrency is 3; the template says 2": lambda hand: (
        hand.mapping(ScalingConfig={"MaximumConcurrency": 3})
    ),
    f"WARNING {MAPPING} MaximumBatchingWindowInSeconds: it is 20": lambda hand: hand.mapping(
        MaximumBatchingWindowInSeconds=20
    ),
    f"WRONG {FUNCTION} ReservedConcurrentExecutions: it is 0": lambda hand: hand.change(
        "lambda put_function_concurrency",
        "delete_function_concurrency",
        {"ReservedConcurrentExecutions": 0},
        FunctionName=hand.stack.function_name,
    ),
    f"WRONG {RULE} State: disabled": lambda hand: hand.change(
        "events disable_rule", "enable_rule", Name=hand.resources[RULE]
    ),
    f"WRONG {RULE} EventPattern: the template says left out": lambda hand: hand.pattern(
        RULE, account=["000000000001"]
    ),
    "WRONG RefundRequiredRule EventPattern: a second refund": lambda hand: hand.pattern(
        "RefundRequiredRule", **{"replay-name": None}
    ),
    f"WRONG {RULE} Targets: InputPath is left out": lambda hand: hand.target(RULE, InputPath=None),
    "WRONG RefundRequiredRule Targets: lost": lambda hand: hand.target(
        "RefundRequiredRule", DeadLetterConfig=None
    ),
    f"WRONG {TRACKER} LoggingConfiguration: does not log its errors": logs_nothing,
    f"WRONG {CASES_ALARM}: not there": deleted,
    f"WRONG {CASES_ALARM} ActionsEnabled: nobody hears": lambda hand: hand.change(
        "cloudwatch disable_alarm_actions",
        "enable_alarm_actions",
        AlarmNames=[hand.resources[CASES_ALARM]],
    ),
    "WRONG KeysRefusedAlarm Threshold: it is 100.0; the template says 1": lambda hand: hand.alarm(
        "KeysRefusedAlarm", Threshold=100
    ),
    "WARNING alarm EffectsFailedAlarm: firing since": fires,
    "WRONG alert topic: nobody is subscribed": Hand.unsubscribed,
    "WRONG OperatorAlertsKey KeyState: no alarm is heard": lambda hand: hand.change(
        "kms disable_key", "enable_key", KeyId=hand.resources["OperatorAlertsKey"]
    ),
    "WARNING messages in OperatorCasesQueue: 1, each a payment that only a person": lambda hand: (
        hand.message("OperatorCasesQueue")
    ),
    f"WARNING messages in {DEAD_LETTERS}: 1, each a payment that nobody cancels": lambda hand: (
        hand.message(DEAD_LETTERS)
    ),
    "WRONG secret: not a JSON object": lambda hand: hand.secret("not JSON"),
    "WRONG secret: cannot be read": lambda hand: hand.change(
        "secretsmanager delete_secret",
        "restore_secret",
        {"RecoveryWindowInDays": 7},
        SecretId=hand.stack.secret_arn,
    ),
}
