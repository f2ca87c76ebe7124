"""The one finding that follows from a fault, "STATUS subject: part of it", and the fault."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.doctor.hand import Hand

# A policy that says nothing.
EMPTY = json.dumps({"Version": "2012-10-17", "Statement": []})
DENY_ALL = json.dumps({"redrivePermission": "denyAll"})
QUEUE = "PaymentTimeoutsQueue"
DEAD_LETTERS = "PaymentTimeoutsDeadLetterQueue"
MAPPING = "CancelPaymentFunctionPaymentTimeouts"
TRACKER = "CancelUntilCutoffStateMachine"
FUNCTION = "CancelPaymentFunction"
ELSEWHERE = "arn:aws:sqs:us-east-1:000000000000:other"

type Seed = Callable[[Hand], None]

FAULTS: dict[str, Seed] = {
    f"WRONG {QUEUE} VisibilityTimeout: it is 30; the template says 180": lambda hand: hand.queue(
        QUEUE, VisibilityTimeout="30"
    ),
    f"WRONG {QUEUE} VisibilityTimeout: retries wait": lambda hand: hand.queue(
        QUEUE, VisibilityTimeout="600"
    ),
    f"WRONG {QUEUE} MessageRetentionPeriod: longer than its source": lambda hand: hand.queue(
        QUEUE, MessageRetentionPeriod="1209600"
    ),
    f"WRONG {QUEUE} RedrivePolicy: does not go to its dead-letter queue": lambda hand: hand.queue(
        QUEUE, RedrivePolicy=""
    ),
    f"WRONG {QUEUE} RedrivePolicy: up to 13 receives": lambda hand: hand.receives(13),
    f"WRONG {QUEUE} RedrivePolicy: maxReceiveCount is 50; the template says 100": lambda hand: (
        hand.receives(50)
    ),
    "WRONG RefundQueue SqsManagedSseEnabled: not encrypted": lambda hand: hand.queue(
        "RefundQueue", SqsManagedSseEnabled="false"
    ),
    f"WRONG {DEAD_LETTERS}Policy PolicyDocument: without TLS": lambda hand: hand.queue(
        DEAD_LETTERS, Policy=EMPTY
    ),
    f"WRONG {QUEUE}Policy PolicyDocument: a rule may not deliver": lambda hand: hand.queue(
        QUEUE, Policy=EMPTY
    ),
    "WRONG UndeliveredEventsQueue MessageRetentionPeriod: forgotten": lambda hand: hand.queue(
        "UndeliveredEventsQueue", MessageRetentionPeriod="345600"
    ),
    f"WRONG {DEAD_LETTERS} RedriveAllowPolicy: its source may not": lambda hand: hand.queue(
        DEAD_LETTERS, RedriveAllowPolicy=DENY_ALL
    ),
    "WRONG RefundQueue RedrivePolicy: does not go to its dead-letter queue": lambda hand: (
        hand.queue("RefundQueue", RedrivePolicy="")
    ),
    f"WRONG {MAPPING} State: no payment is taken": lambda hand: hand.mapping(Enabled=False),
    f"WRONG {MAPPING} FunctionResponseTypes: the payment is lost": lambda hand: hand.mapping(
        FunctionResponseTypes=[]
    ),
    f"WRONG {MAPPING} BatchSize: it is 5; the template says 10": lambda hand: hand.mapping(
        BatchSize=5
    ),
    f"WRONG {MAPPING} ScalingConfig: MaximumConcurrency is 3; the template says 2": lambda hand: (
        hand.mapping(ScalingConfig={"MaximumConcurrency": 3})
    ),
    f"WARNING {MAPPING} MaximumBatchingWindowInSeconds: it is 20": lambda hand: hand.mapping(
        MaximumBatchingWindowInSeconds=20
    ),
    f"WRONG {FUNCTION} ReservedConcurrentExecutions: it is 0": lambda hand: hand.reserved(0),
    f"WRONG {FUNCTION} ReservedConcurrentExecutions: it is 5": lambda hand: hand.reserved(5),
    "WRONG PaymentTimeoutRule State: disabled": lambda hand: hand.rule_disabled(
        "PaymentTimeoutRule"
    ),
    "WRONG PaymentTimeoutRule EventPattern: acquirer.payments": lambda hand: hand.pattern(
        "PaymentTimeoutRule", source=["acquirer.orders"]
    ),
    "WRONG PaymentTimeoutRule EventPattern: the template says left out": lambda hand: hand.pattern(
        "PaymentTimeoutRule", account=["000000000001"]
    ),
    "WRONG RefundRequiredRule EventPattern: a second refund": lambda hand: hand.pattern(
        "RefundRequiredRule", **{"replay-name": None}
    ),
    "WRONG PaymentTimeoutRule Targets: InputPath is left out": lambda hand: hand.target(
        "PaymentTimeoutRule", InputPath=None
    ),
    "WRONG RefundRequiredRule Targets: lost": lambda hand: hand.target(
        "RefundRequiredRule", DeadLetterConfig=None
    ),
    "WRONG OperatorCaseRule Targets: do not reach their queue": lambda hand: hand.target(
        "OperatorCaseRule", Arn=ELSEWHERE
    ),
    f"WRONG {TRACKER} LoggingConfiguration: does not log its errors": lambda hand: hand.tracker_log(
        "OFF"
    ),
    "WRONG UnresolvedPaymentsAlarm: not there": lambda hand: hand.alarm_deleted(
        "UnresolvedPaymentsAlarm"
    ),
    "WRONG OperatorCasesAlarm ActionsEnabled: nobody hears": lambda hand: (
        hand.alarm_actions_disabled("OperatorCasesAlarm")
    ),
    "WRONG KeysRefusedAlarm Threshold: it is 100.0; the template says 1": lambda hand: hand.alarm(
        "KeysRefusedAlarm", Threshold=100
    ),
    "WARNING alarm EffectsFailedAlarm: firing since": lambda hand: hand.alarm_fires(
        "EffectsFailedAlarm"
    ),
    "WRONG alert topic: nobody is subscribed": lambda hand: hand.unsubscribed(),
    "WRONG OperatorAlertsKey KeyState: no alarm is heard": lambda hand: hand.key_disabled(),
    "WARNING messages in OperatorCasesQueue: 1, each a payment that only a person": lambda hand: (
        hand.message("OperatorCasesQueue")
    ),
    f"WARNING messages in {DEAD_LETTERS}: 1, each a payment that nobody cancels": lambda hand: (
        hand.message(DEAD_LETTERS)
    ),
    "WARNING messages in UndeliveredEventsQueue: 1, each an event": lambda hand: hand.message(
        "UndeliveredEventsQueue"
    ),
    "WRONG secret: not a JSON object": lambda hand: hand.secret("not JSON"),
    "WRONG secret: cannot be read": lambda hand: hand.secret_to_be_deleted(),
}
