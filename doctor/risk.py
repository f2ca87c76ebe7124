"""Is money at risk, and would anybody hear of it? Alarms, what waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from doctor.aws import Aws
from doctor.deployment import properties
from doctor.finding import Finding
from doctor.stack import Stack

TOPIC = "alert topic"
_PENDING = "PendingConfirmation"
# What lies there waits for a person: the runbook's section, and what one message is.
_FOR_A_PERSON: Final = {
    "PaymentTimeoutsDeadLetterQueue": ("dead-letters", "a payment that nobody cancels"),
    "OperatorCasesQueue": ("operator-cases", "a payment that only a person can settle"),
    "RefundDeadLetterQueue": ("refund-dead-letters", "a refund that its consumer failed on"),
    "UndeliveredEventsQueue": ("undelivered-events", "an event that never reached its target"),
}
QUEUES: Final = ("PaymentTimeoutsQueue", "RefundQueue", *_FOR_A_PERSON)


def check_alarms(aws: Aws, stack: Stack) -> Iterator[Finding]:
    yield from judge_alarms(properties.alarms(aws, stack), stack)


def judge_alarms(alarms: Iterable[Mapping[str, Any]], stack: Stack) -> Iterator[Finding]:
    """Which are firing, and which cannot."""
    states = [one["StateValue"] for one in alarms]
    for one in alarms:
        if one["StateValue"] == "ALARM":
            since = one.get("StateTransitionedTimestamp") or one["StateUpdatedTimestamp"]
            section = one.get("AlarmDescription", "").rpartition("#")[2]
            yield Finding.warning(
                f"alarm {_logical_id(one['AlarmName'], stack)}",
                f"firing since {since:%Y-%m-%d %H:%M:%S} UTC",
                f"docs/runbook.md#{section}",
            )
    if "ALARM" not in states:
        waiting = states.count("INSUFFICIENT_DATA")
        fact = f"none of {len(states)} is firing"
        yield Finding.ok("alarms", fact + (f", {waiting} without data yet" if waiting else ""))
    if stack.parameters.get("Monitoring") != "Full":
        subject, fact = "alarms on metric math", "left out: the stack has Monitoring=Basic"
        if stack.emulated:
            yield Finding.info(subject, f"{fact}, as an emulated AWS needs it")
        else:
            yield Finding.warning(
                subject, fact, "deploy with Monitoring=Full where payments are real"
            )


def check_topic(aws: Aws, stack: Stack) -> Iterator[Finding]:
    topic = stack.alert_topic
    subscriptions = aws.read_all(
        "sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic
    )
    yield from judge_topic(subscriptions, stack)


def judge_topic(subscriptions: Sequence[Mapping[str, Any]], stack: Stack) -> Iterator[Finding]:
    """Who hears an alarm; an address is named by its protocol only."""
    confirmed = [one for one in subscriptions if one["SubscriptionArn"].startswith("arn:")]
    pending = [one for one in subscriptions if one["SubscriptionArn"] == _PENDING]
    for one in pending:
        report = Finding.warning if confirmed else Finding.wrong
        yield report(
            TOPIC,
            f"the subscription by {one['Protocol']} is not confirmed: no alert reaches it",
            "open the message AWS Notification - Subscription Confirmation and confirm it; after "
            "three days, subscribe again",
        )
    if confirmed:
        kinds = ", ".join(sorted({one["Protocol"] for one in confirmed}))
        yield Finding.ok(TOPIC, f"{len(confirmed)} confirmed by {kinds}")
    elif stack.emulated and not stack.parameters.get("AlertEmail") and not pending:
        yield Finding.info(TOPIC, "nobody is subscribed, which an emulated AWS need not have")
    elif not pending:
        yield Finding.wrong(
            TOPIC,
            "nobody is subscribed: no alarm is heard",
            "deploy with AlertEmail, or subscribe your pager to the topic",
        )


def check_queue(aws: Aws, stack: Stack, queue: str) -> Iterator[Finding]:
    """How many messages wait in a queue, by its logical id."""
    attributes = properties.queue_attributes(aws, stack.resource(queue))
    names = ("", "NotVisible", "Delayed")
    count = sum(int(attributes.get(f"ApproximateNumberOfMessages{name}", 0)) for name in names)
    subject = f"messages in {queue}"
    if queue not in _FOR_A_PERSON:
        yield Finding.info(subject, f"{count} waiting or under way" if count else "nothing")
    elif count:
        section, what = _FOR_A_PERSON[queue]
        yield Finding.warning(subject, f"{count}, each {what}", f"docs/runbook.md#{section}")
    else:
        yield Finding.ok(subject, "nothing")


def _logical_id(name: str, stack: Stack) -> str:
    return next((id for id, physical in stack.resources.items() if physical == name), name)
