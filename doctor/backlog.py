"""What waits: messages that need a person, requests, and trackers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from doctor import queues
from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.finding import Finding

# What lies there waits for a person: the runbook's section, and what one message is.
_FOR_A_PERSON = {
    queues.DEAD_LETTERS: ("dead-letters", "a payment that nobody cancels"),
    queues.CASES: ("operator-cases", "a payment that only a person can settle"),
    queues.REFUND_DEAD_LETTERS: ("refund-dead-letters", "a refund that its consumer failed on"),
    queues.UNDELIVERED: ("undelivered-events", "an event that never reached its target"),
}
_PAGE = 1000


def check_queue(aws: Aws, deployment: Deployment, queue: str) -> Iterator[Finding]:
    attributes = queues.attributes(aws, deployment, queue)
    yield from judge_queue(attributes, queue)


def judge_queue(attributes: Mapping[str, str], queue: str) -> Iterator[Finding]:
    names = ("", "NotVisible", "Delayed")
    count = sum(int(attributes.get(f"ApproximateNumberOfMessages{name}", 0)) for name in names)
    subject = f"messages in {queues.NAMES[queue]}"
    if queue not in _FOR_A_PERSON:
        yield Finding.info(subject, f"{count} waiting or under way" if count else "nothing")
    elif count:
        section, what = _FOR_A_PERSON[queue]
        yield Finding.warning(subject, f"{count}, each {what}", f"docs/runbook.md#{section}")
    else:
        yield Finding.ok(subject, "nothing")


def check_trackers(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    arn = deployment.resource("CancelUntilCutoffStateMachine")
    counts = {
        status: len(
            aws.read(
                *("stepfunctions", "list_executions"),
                stateMachineArn=arn,
                statusFilter=status,
                maxResults=_PAGE,
            )["executions"]
        )
        for status in ("RUNNING", "FAILED", "TIMED_OUT", "ABORTED")
    }
    yield from judge_trackers(counts)


def judge_trackers(counts: Mapping[str, int]) -> Iterator[Finding]:
    """Executions by status; of each, those that Step Functions still remembers."""
    counted = [
        f"{count}{' or more' if count == _PAGE else ''} {status.lower().replace('_', ' ')}"
        for status, count in counts.items()
        if count
    ]
    stopped = counts["TIMED_OUT"] + counts["ABORTED"]
    failed = counts["FAILED"]
    section = "stopped-trackers" if stopped else "unresolved-payments"
    yield Finding.info(
        "trackers",
        ", ".join(counted) or "none",
        f"docs/runbook.md#{section}" if stopped or failed else "",
    )
