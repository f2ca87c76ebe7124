"""Whether anybody hears an alarm: the topic, its subscriptions and its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.finding import Finding

SUBJECT = "alert topic"
_PENDING = "PendingConfirmation"


def check(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    topic = deployment.alert_topic
    yield from judge(
        aws.read_all("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic),
        deployment,
    )


def judge(subscriptions: Sequence[Mapping[str, Any]], deployment: Deployment) -> Iterator[Finding]:
    """Who is subscribed; an address is named by its protocol only."""
    confirmed = [one for one in subscriptions if one["SubscriptionArn"].startswith("arn:")]
    pending = [one for one in subscriptions if one["SubscriptionArn"] == _PENDING]
    for one in pending:
        report = Finding.warning if confirmed else Finding.wrong
        yield report(
            SUBJECT,
            f"the subscription by {one['Protocol']} is not confirmed: no alert reaches it",
            "open the message AWS Notification - Subscription Confirmation and confirm it; after "
            "three days, subscribe again",
        )
    if confirmed:
        kinds = ", ".join(sorted({one["Protocol"] for one in confirmed}))
        yield Finding.ok(SUBJECT, f"{len(confirmed)} confirmed by {kinds}")
    elif deployment.emulated and not deployment.parameters.get("AlertEmail") and not pending:
        yield Finding.info(SUBJECT, "nobody is subscribed, which an emulated AWS need not have")
    elif not pending:
        yield Finding.wrong(
            SUBJECT,
            "nobody is subscribed: no alarm is heard",
            "deploy with AlertEmail, or subscribe your pager to the topic",
        )


def check_key(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    if deployment.parameters.get("AlertTopicArn"):
        return  # the key of a topic of the company's own is not this stack's
    key = deployment.resource("OperatorAlertsKey")
    yield from judge_key(aws.read("kms", "describe_key", KeyId=key)["KeyMetadata"])


def judge_key(key: Mapping[str, Any]) -> Iterator[Finding]:
    subject = "alert topic's key"
    if key["KeyState"] == "Enabled":
        yield Finding.ok(subject, "enabled")
    else:
        yield Finding.wrong(
            subject,
            f"its state is {key['KeyState']}: nothing can be published on the topic",
            "enable it in KMS (cancel its deletion first, where it is pending)",
        )
