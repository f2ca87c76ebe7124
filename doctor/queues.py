"""The attributes of each queue, as they were designed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from doctor import design, function, queue_policy
from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.finding import Finding, ok_unless

type Attributes = Mapping[str, str]

SOURCE = "PaymentTimeoutsQueue"
DEAD_LETTERS = "PaymentTimeoutsDeadLetterQueue"
REFUNDS = "RefundQueue"
REFUND_DEAD_LETTERS = "RefundDeadLetterQueue"
CASES = "OperatorCasesQueue"
UNDELIVERED = "UndeliveredEventsQueue"
NAMES = {
    SOURCE: "payment queue",
    DEAD_LETTERS: "dead-letter queue",
    REFUNDS: "refund queue",
    REFUND_DEAD_LETTERS: "refund dead-letter queue",
    CASES: "case queue",
    UNDELIVERED: "undelivered queue",
}
_DAY = 86_400
_REDEPLOY = "somebody changed it: deploy the template again"


def attributes(aws: Aws, deployment: Deployment, queue: str) -> Attributes:
    """All attributes of a queue.

    Raises
    ------
    ReadError
    """
    url = deployment.resource(queue)
    answer = aws.read("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    found: Attributes = answer["Attributes"]
    return found


def check(aws: Aws, deployment: Deployment, queue: str) -> Iterator[Finding]:
    own = attributes(aws, deployment, queue)
    fact = f"kept {_seconds(own, 'MessageRetentionPeriod') / _DAY:g} days, encrypted, TLS only"
    faults = list(judge(own, NAMES[queue], deployment.parameters.get("DataKmsKeyArn", "")))
    if queue == SOURCE:
        timeout = function.live(aws, deployment)["Timeout"]
        dead_letters = deployment.arn_of("sqs", _name(deployment.resource(DEAD_LETTERS)))
        faults += judge_source(own, timeout, dead_letters)
        receives = _json(own, "RedrivePolicy").get("maxReceiveCount")
        fact += f", visible again after {own['VisibilityTimeout']} s, {receives} receives"
    elif queue == DEAD_LETTERS:
        source = attributes(aws, deployment, SOURCE)
        faults += judge_dead_letters(own, source)
    elif queue == REFUNDS:
        aside = deployment.arn_of("sqs", _name(deployment.resource(REFUND_DEAD_LETTERS)))
        faults += judge_retention(own, NAMES[queue], design.REFUND_RETENTION)
        faults += judge_redrive(own, NAMES[queue], aside)
    else:
        faults += judge_retention(own, NAMES[queue])
    yield from ok_unless(faults, NAMES[queue], fact)


def judge(own: Attributes, subject: str, key: str = "") -> Iterator[Finding]:
    """What holds for every queue.

    Parameters
    ----------
    key
        ARN of the KMS key that has to encrypt it, if it is not SQS itself.
    """
    if own.get("KmsMasterKeyId", "") != key:
        yield Finding.wrong(
            subject, f"it is not encrypted under {key or 'a key of SQS'}", _REDEPLOY
        )
    elif not key and own.get("SqsManagedSseEnabled") != "true":
        yield Finding.wrong(subject, "its messages are not encrypted", _REDEPLOY)
    if not queue_policy.is_tls_only(own.get("Policy")):
        yield Finding.wrong(subject, "its policy does not refuse access without TLS", _REDEPLOY)


def judge_source(own: Attributes, timeout: int, dead_letters: str) -> Iterator[Finding]:
    """What holds for the queue of payments to cancel.

    Parameters
    ----------
    timeout
        Of the function, in seconds.
    dead_letters
        ARN of its dead-letter queue.
    """
    subject = NAMES[SOURCE]
    visible = _seconds(own, "VisibilityTimeout")
    designed = design.VISIBILITY_PER_TIMEOUT * timeout
    if visible != designed:
        yield Finding.wrong(
            subject,
            f"its visibility timeout is {visible} s; six times the function's is {designed} s: "
            + ("a payment may be sent twice at once" if visible < designed else "retries wait"),
            _REDEPLOY,
        )
    yield from (missing := list(judge_redrive(own, subject, dead_letters)))
    if missing:
        return
    receives = int(_json(own, "RedrivePolicy")["maxReceiveCount"])
    if receives <= design.FAST_PHASE_RECEIVES:
        yield Finding.wrong(
            subject,
            f"it gives up after {receives} receives; the first minute of an unknown payment uses "
            f"up to {design.FAST_PHASE_RECEIVES}",
            _REDEPLOY,
        )
    elif receives < design.RECEIVES:
        yield Finding.warning(
            subject,
            f"it gives up after {receives} receives: {receives * visible / 3600:.1f} h to fix a "
            f"broken function, by design {design.RECEIVES * visible / 3600:.0f} h",
            _REDEPLOY,
        )


def judge_dead_letters(own: Attributes, source: Attributes) -> Iterator[Finding]:
    subject = NAMES[DEAD_LETTERS]
    yield from judge_retention(own, subject)
    kept = _seconds(own, "MessageRetentionPeriod")
    if kept <= _seconds(source, "MessageRetentionPeriod"):
        yield Finding.wrong(
            subject,
            "it keeps a message no longer than its source; a moved one keeps its first time stamp "
            "and may be gone before anybody looks",
            _REDEPLOY,
        )
    allowed = _json(own, "RedriveAllowPolicy")
    by_queue = allowed.get("redrivePermission") == "byQueue"
    if not by_queue or source["QueueArn"] not in allowed.get("sourceQueueArns", []):
        yield Finding.wrong(subject, "its redrive-allow policy does not name its source", _REDEPLOY)


def judge_redrive(own: Attributes, subject: str, dead_letters: str) -> Iterator[Finding]:
    """Whether what is received too often goes to that queue."""
    if _json(own, "RedrivePolicy").get("deadLetterTargetArn") != dead_letters:
        yield Finding.wrong(
            subject, "what is received too often does not go to the dead-letter queue", _REDEPLOY
        )


def judge_retention(
    own: Attributes, subject: str, least: timedelta = design.RETENTION
) -> Iterator[Finding]:
    kept = _seconds(own, "MessageRetentionPeriod")
    if kept < least.total_seconds():
        yield Finding.wrong(
            subject,
            f"it forgets a payment after {kept / _DAY:g} days, not {least.days}",
            _REDEPLOY,
        )


def _seconds(own: Attributes, name: str) -> int:
    return int(own[name])


def _json(own: Attributes, name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(own.get(name) or "{}")
    return value


def _name(url: str) -> str:
    return url.rpartition("/")[2]
