"""Rules of the queues: how long, how often, and where their dead letters go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.template.deliveries import deliveries
from tests.template.deployed import Deployed
from tests.template.references import highest, only

DEFAULT_RETENTION = 345_600
DEFAULT_VISIBILITY = 30
CASES = "OperatorCasesQueue"
# design.md: the first 60 s, an attempt every 5 s at most, and the first of them.
FAST_PHASE_ATTEMPTS = 60 // 5 + 1


def visibility_is_six_times_the_timeout(deployed: Deployed) -> list[str]:
    """Or a batch that Lambda retries becomes visible to a second invocation."""
    return [
        f"{queue}: visible again after {visible} s, the function may take {timeout} s"
        for _, mapping in deployed.of_type("Lambda::EventSourceMapping")
        for queue in [only(mapping["EventSourceArn"])]
        for visible in [deployed.properties(queue).get("VisibilityTimeout", DEFAULT_VISIBILITY)]
        for timeout in [_function(deployed, mapping)["Timeout"]]
        if visible < 6 * timeout
    ]


def receives_cover_the_fast_phase(deployed: Deployed) -> list[str]:
    """Or a payment that is merely unknown ends in the dead-letter queue."""
    return [
        f"{queue}: {most} receives, the fast phase alone takes {FAST_PHASE_ATTEMPTS}"
        for queue, _, most in _redrives(deployed)
        if most <= FAST_PHASE_ATTEMPTS
    ]


def dead_letters_are_kept_longer(deployed: Deployed) -> list[str]:
    """A moved message keeps its first time stamp."""
    return [
        f"{dead_letters}: kept no longer than in {queue}"
        for queue, dead_letters, _ in _redrives(deployed)
        if _retention(deployed, dead_letters) <= _retention(deployed, queue)
        or _retention(deployed, dead_letters) < 14 * 86_400
    ]


def concurrency_fits_the_reserved(deployed: Deployed) -> list[str]:
    """Or SQS receives messages only to have them throttled into the dead-letter queue."""
    found = []
    for name, mapping in deployed.of_type("Lambda::EventSourceMapping"):
        reserved = _function(deployed, mapping).get("ReservedConcurrentExecutions")
        most = highest(deployed, mapping["ScalingConfig"]["MaximumConcurrency"])
        if reserved is not None and most > highest(deployed, reserved):
            found.append(f"{name}: up to {most} batches at once, {reserved} are reserved")
    return found


def every_consumed_queue_has_dead_letters(deployed: Deployed) -> list[str]:
    redriven = {queue for queue, _, _ in _redrives(deployed)}
    consumed = {
        only(mapping["EventSourceArn"])
        for _, mapping in deployed.of_type("Lambda::EventSourceMapping")
    }
    return [f"{queue}: has no dead-letter queue" for queue in sorted(consumed - redriven)]


def every_queue_is_encrypted(deployed: Deployed) -> list[str]:
    return [
        f"{name}: not encrypted"
        for name, queue in deployed.of_type("SQS::Queue")
        if not (queue.get("SqsManagedSseEnabled") or queue.get("KmsMasterKeyId"))
    ]


def every_queue_for_a_person_is_alarmed_when_it_grows(deployed: Deployed) -> list[str]:
    """One message that stays must not hide those that come after it.

    `NumberOfMessagesSent` counts what is sent, and not what SQS moves there by a redrive policy:
    docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    moved_to = {name for _, name, _ in _redrives(deployed)}
    for_a_person = {CASES, *moved_to, *(only(one) for _, _, one in deliveries(deployed) if one)}
    sent, grown = set(), set()
    for _, alarm in deployed.of_type("CloudWatch::Alarm"):
        if not alarm.get("AlarmActions"):
            continue
        if alarm.get("MetricName") == "NumberOfMessagesSent":
            sent |= _watched(alarm)
        for metric in alarm.get("Metrics", []):
            if metric.get("Expression", "").startswith("DIFF("):
                grown |= _watched(*(one["MetricStat"]["Metric"] for one in alarm["Metrics"][1:]))
    found = [f"{name}: no alarm tells when it grows" for name in for_a_person - sent - grown]
    return found + [f"{name}: what SQS moves there is not seen" for name in moved_to - grown]


def no_alarm_stays_while_a_message_does(deployed: Deployed) -> list[str]:
    """Nor does one go by the oldest message: those received three times are left out."""
    return [
        f"{name}: {metric} of one message hides what follows"
        for name, alarm in deployed.of_type("CloudWatch::Alarm")
        for metric in [str(alarm.get("MetricName"))]
        if metric.startswith("Approximate")
    ]


def _watched(*metrics: dict[str, Any]) -> set[str]:
    return {only(one["Value"]) for metric in metrics for one in metric["Dimensions"]}


def _redrives(deployed: Deployed) -> Iterator[tuple[str, str, int]]:
    for name, queue in deployed.of_type("SQS::Queue"):
        if policy := queue.get("RedrivePolicy"):
            yield name, only(policy["deadLetterTargetArn"]), int(policy["maxReceiveCount"])


def _retention(deployed: Deployed, queue: str) -> int:
    return int(deployed.properties(queue).get("MessageRetentionPeriod", DEFAULT_RETENTION))


def _function(deployed: Deployed, mapping: dict[str, Any]) -> dict[str, Any]:
    target = only(mapping["FunctionName"])
    properties = deployed.properties(target)
    if "FunctionName" in properties and deployed.template["Resources"][target]["Type"].endswith(
        "Alias"
    ):
        return deployed.properties(only(properties["FunctionName"]))
    return properties
