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

type Seed = Callable[[Hand], None]

FAULTS: dict[str, tuple[Seed, str]] = {
    "visibility timeout of the function itself": (
        lambda hand: hand.queue(QUEUE, VisibilityTimeout="30"),
        "WRONG payment queue: sent twice at once",
    ),
    "visibility timeout too long": (
        lambda hand: hand.queue(QUEUE, VisibilityTimeout="600"),
        "WRONG payment queue: retries wait",
    ),
    "queue kept as long as its dead letters": (
        lambda hand: hand.queue(QUEUE, MessageRetentionPeriod="1209600"),
        "WRONG dead-letter queue: no longer than its source",
    ),
    "no redrive policy": (
        lambda hand: hand.queue(QUEUE, RedrivePolicy=""),
        "WRONG payment queue: does not go to the dead-letter queue",
    ),
    "queue not encrypted": (
        lambda hand: hand.queue("RefundQueue", SqsManagedSseEnabled="false"),
        "WRONG refund queue: not encrypted",
    ),
    "queue without its TLS-only policy": (
        lambda hand: hand.queue(DEAD_LETTERS, Policy=EMPTY),
        "WRONG dead-letter queue: without TLS",
    ),
    "undelivered events forgotten": (
        lambda hand: hand.queue("UndeliveredEventsQueue", MessageRetentionPeriod="345600"),
        "WRONG undelivered queue: after 4 days",
    ),
    "redrive allowed to nobody": (
        lambda hand: hand.queue(DEAD_LETTERS, RedriveAllowPolicy=DENY_ALL),
        "WRONG dead-letter queue: redrive-allow",
    ),
    "mapping disabled": (
        lambda hand: hand.mapping(Enabled=False),
        "WRONG event source mapping: no payment is taken",
    ),
    "mapping without batch item failures": (
        lambda hand: hand.mapping(FunctionResponseTypes=[]),
        "WRONG event source mapping: the payment is lost",
    ),
    "mapping with another batch size": (
        lambda hand: hand.mapping(BatchSize=5),
        "WRONG event source mapping: batch size is 5",
    ),
    "mapping with another concurrency": (
        lambda hand: hand.mapping(ScalingConfig={"MaximumConcurrency": 3}),
        "WRONG event source mapping: concurrency is 3; the stack says 2",
    ),
    "mapping that waits for company": (
        lambda hand: hand.mapping(MaximumBatchingWindowInSeconds=20),
        "WARNING event source mapping: up to 20 s",
    ),
    "function switched off": (
        lambda hand: hand.reserved(0),
        "WRONG function concurrency: switched the function off",
    ),
    "concurrency reserved": (
        lambda hand: hand.reserved(5),
        "WARNING function concurrency: 5 reserved",
    ),
    "rule disabled": (
        lambda hand: hand.rule_disabled("PaymentTimeoutRule"),
        "WRONG rule PaymentTimeoutRule: disabled",
    ),
    "rule for another source": (
        lambda hand: hand.rule_source("PaymentTimeoutRule", "acquirer.orders"),
        "WRONG rule PaymentTimeoutRule: of acquirer.payments",
    ),
    "rule that passes on the whole event": (
        lambda hand: hand.target("PaymentTimeoutRule", InputPath=None),
        "WRONG rule PaymentTimeoutRule: $.detail",
    ),
    "rule without a queue for undelivered events": (
        lambda hand: hand.target("RefundRequiredRule", DeadLetterConfig=None),
        "WRONG rule RefundRequiredRule: lost",
    ),
    "rule that delivers elsewhere": (
        lambda hand: hand.target(
            "OperatorCaseRule", Arn="arn:aws:sqs:us-east-1:000000000000:other"
        ),
        "WRONG rule OperatorCaseRule: does not deliver to OperatorCasesQueue",
    ),
    "tracker without a log": (
        lambda hand: hand.tracker_log("OFF"),
        "WRONG tracker: does not log its errors",
    ),
    "alarm deleted": (
        lambda hand: hand.alarm_deleted("UnresolvedPaymentsAlarm"),
        "WRONG alarm UnresolvedPayments: not there",
    ),
    "alarm that tells nobody": (
        lambda hand: hand.alarm_actions_disabled("OperatorCasesAlarm"),
        "WRONG alarm OperatorCases: actions are disabled",
    ),
    "alarm that fires": (
        lambda hand: hand.alarm_fires("EffectsFailedAlarm"),
        "WARNING alarm EffectsFailed: in alarm since",
    ),
    "nobody subscribed": (
        lambda hand: hand.unsubscribed(),
        "WRONG alert topic: nobody is subscribed",
    ),
    "alert key disabled": (
        lambda hand: hand.key_disabled(),
        "WRONG alert topic's key: Disabled",
    ),
    "refunds without a dead-letter queue": (
        lambda hand: hand.queue("RefundQueue", RedrivePolicy=""),
        "WRONG refund queue: does not go to the dead-letter queue",
    ),
    "rule that takes replays": (
        lambda hand: hand.rule_without("RefundRequiredRule", "replay-name"),
        "WRONG rule RefundRequiredRule: a second refund",
    ),
    "a case": (
        lambda hand: hand.message("OperatorCasesQueue"),
        "WARNING messages in case queue: 1, each a payment that only a person can settle",
    ),
    "a dead letter": (
        lambda hand: hand.message(DEAD_LETTERS),
        "WARNING messages in dead-letter queue: 1, each a payment that nobody cancels",
    ),
    "an undelivered event": (
        lambda hand: hand.message("UndeliveredEventsQueue"),
        "WARNING messages in undelivered queue: 1, each an event",
    ),
}
