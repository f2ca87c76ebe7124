"""Faults of one setting each, and the one finding that follows: "STATUS subject: part of it"."""

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
FUNCTION = "CancelPaymentFunction"
ELSEWHERE = "arn:aws:sqs:us-east-1:000000000000:other"

type Seed = Callable[[Hand], None]

FAULTS: dict[str, tuple[Seed, str]] = {
    "visibility timeout of the function itself": (
        lambda hand: hand.queue(QUEUE, VisibilityTimeout="30"),
        f"WRONG {QUEUE} VisibilityTimeout: it is 30; the template says 180: below six times",
    ),
    "visibility timeout too long": (
        lambda hand: hand.queue(QUEUE, VisibilityTimeout="600"),
        f"WRONG {QUEUE} VisibilityTimeout: retries wait",
    ),
    "queue kept as long as its dead letters": (
        lambda hand: hand.queue(QUEUE, MessageRetentionPeriod="1209600"),
        f"WRONG {QUEUE} MessageRetentionPeriod: longer than its source",
    ),
    "no redrive policy": (
        lambda hand: hand.queue(QUEUE, RedrivePolicy=""),
        f"WRONG {QUEUE} RedrivePolicy: does not go to its dead-letter queue",
    ),
    "receives that the first minute uses up": (
        lambda hand: hand.receives(13),
        f"WRONG {QUEUE} RedrivePolicy: up to 13 receives",
    ),
    "too few receives to fix a function": (
        lambda hand: hand.receives(50),
        f"WRONG {QUEUE} RedrivePolicy: maxReceiveCount is 50; the template says 100",
    ),
    "queue not encrypted": (
        lambda hand: hand.queue("RefundQueue", SqsManagedSseEnabled="false"),
        "WRONG RefundQueue SqsManagedSseEnabled: not encrypted",
    ),
    "queue without its TLS-only policy": (
        lambda hand: hand.queue(DEAD_LETTERS, Policy=EMPTY),
        f"WRONG {DEAD_LETTERS}Policy PolicyDocument: without TLS",
    ),
    "queue whose policy lets nobody in": (
        lambda hand: hand.queue(QUEUE, Policy=EMPTY),
        f"WRONG {QUEUE}Policy PolicyDocument: a rule may not deliver",
    ),
    "undelivered events forgotten": (
        lambda hand: hand.queue("UndeliveredEventsQueue", MessageRetentionPeriod="345600"),
        "WRONG UndeliveredEventsQueue MessageRetentionPeriod: forgotten before anybody looks",
    ),
    "redrive allowed to nobody": (
        lambda hand: hand.queue(DEAD_LETTERS, RedriveAllowPolicy=DENY_ALL),
        f"WRONG {DEAD_LETTERS} RedriveAllowPolicy: its source may not",
    ),
    "refunds without a dead-letter queue": (
        lambda hand: hand.queue("RefundQueue", RedrivePolicy=""),
        "WRONG RefundQueue RedrivePolicy: does not go to its dead-letter queue",
    ),
    "mapping disabled": (
        lambda hand: hand.mapping(Enabled=False),
        f"WRONG {MAPPING} State: no payment is taken",
    ),
    "mapping without batch item failures": (
        lambda hand: hand.mapping(FunctionResponseTypes=[]),
        f"WRONG {MAPPING} FunctionResponseTypes: the payment is lost",
    ),
    "mapping with another batch size": (
        lambda hand: hand.mapping(BatchSize=5),
        f"WRONG {MAPPING} BatchSize: it is 5; the template says 10",
    ),
    "mapping with another concurrency": (
        lambda hand: hand.mapping(ScalingConfig={"MaximumConcurrency": 3}),
        f"WRONG {MAPPING} ScalingConfig: MaximumConcurrency is 3; the template says 2",
    ),
    "mapping that waits for more": (
        lambda hand: hand.mapping(MaximumBatchingWindowInSeconds=20),
        f"WARNING {MAPPING} MaximumBatchingWindowInSeconds: it is 20",
    ),
    "function switched off": (
        lambda hand: hand.reserved(0),
        f"WRONG {FUNCTION} ReservedConcurrentExecutions: it is 0",
    ),
    "concurrency reserved": (
        lambda hand: hand.reserved(5),
        f"WRONG {FUNCTION} ReservedConcurrentExecutions: it is 5",
    ),
    "rule disabled": (
        lambda hand: hand.rule_disabled("PaymentTimeoutRule"),
        "WRONG PaymentTimeoutRule State: disabled",
    ),
    "rule for another source": (
        lambda hand: hand.pattern("PaymentTimeoutRule", source=["acquirer.orders"]),
        "WRONG PaymentTimeoutRule EventPattern: acquirer.payments",
    ),
    "rule for one account alone": (
        lambda hand: hand.pattern("PaymentTimeoutRule", account=["000000000001"]),
        "WRONG PaymentTimeoutRule EventPattern: the template says left out",
    ),
    "rule that takes replays": (
        lambda hand: hand.pattern("RefundRequiredRule", **{"replay-name": None}),
        "WRONG RefundRequiredRule EventPattern: a second refund",
    ),
    "rule that passes on the whole event": (
        lambda hand: hand.target("PaymentTimeoutRule", InputPath=None),
        "WRONG PaymentTimeoutRule Targets: InputPath is left out; the template says $.detail",
    ),
    "rule without a queue for undelivered events": (
        lambda hand: hand.target("RefundRequiredRule", DeadLetterConfig=None),
        "WRONG RefundRequiredRule Targets: lost",
    ),
    "rule that delivers elsewhere": (
        lambda hand: hand.target("OperatorCaseRule", Arn=ELSEWHERE),
        "WRONG OperatorCaseRule Targets: do not reach their queue",
    ),
    "tracker without a log": (
        lambda hand: hand.tracker_log("OFF"),
        "WRONG CancelUntilCutoffStateMachine LoggingConfiguration: does not log its errors",
    ),
    "alarm deleted": (
        lambda hand: hand.alarm_deleted("UnresolvedPaymentsAlarm"),
        "WRONG UnresolvedPaymentsAlarm: not there",
    ),
    "alarm that tells nobody": (
        lambda hand: hand.alarm_actions_disabled("OperatorCasesAlarm"),
        "WRONG OperatorCasesAlarm ActionsEnabled: nobody hears",
    ),
    "alarm that comes too late": (
        lambda hand: hand.alarm("KeysRefusedAlarm", Threshold=100),
        "WRONG KeysRefusedAlarm Threshold: it is 100.0; the template says 1",
    ),
    "alarm that fires": (
        lambda hand: hand.alarm_fires("EffectsFailedAlarm"),
        "WARNING alarm EffectsFailedAlarm: firing since",
    ),
    "nobody subscribed": (
        lambda hand: hand.unsubscribed(),
        "WRONG alert topic: nobody is subscribed",
    ),
    "alert key disabled": (
        lambda hand: hand.key_disabled(),
        "WRONG OperatorAlertsKey KeyState: no alarm is heard",
    ),
    "a case": (
        lambda hand: hand.message("OperatorCasesQueue"),
        "WARNING messages in OperatorCasesQueue: 1, each a payment that only a person can settle",
    ),
    "a dead letter": (
        lambda hand: hand.message(DEAD_LETTERS),
        f"WARNING messages in {DEAD_LETTERS}: 1, each a payment that nobody cancels",
    ),
    "an undelivered event": (
        lambda hand: hand.message("UndeliveredEventsQueue"),
        "WARNING messages in UndeliveredEventsQueue: 1, each an event",
    ),
    "a secret that is not JSON": (
        lambda hand: hand.secret("not JSON"),
        "WRONG secret: not a JSON object",
    ),
    "a secret that is to be deleted": (
        lambda hand: hand.secret_to_be_deleted(),
        "WRONG secret: cannot be read",
    ),
}
