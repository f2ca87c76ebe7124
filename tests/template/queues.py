"""Rules of the queues: how long, how often, and who delivers what to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.template.deployed import FUNCTION, STATE_MACHINE, Deployed
from tests.template.references import only, referred

QUEUE = "PaymentTimeoutsQueue"
CASES = "OperatorCasesQueue"
DEFAULT_RETENTION = 345_600
# design.md: the first 60 s, an attempt every 5 s at most, and the first of them.
FAST_PHASE_ATTEMPTS = 60 // 5 + 1


def visibility_is_six_times_the_timeout(deployed: Deployed) -> list[str]:
    """Or a batch that Lambda retries becomes visible to a second invocation."""
    visible = deployed.properties(QUEUE).get("VisibilityTimeout", 30)
    timeout = deployed.properties(FUNCTION)["Timeout"]
    return [f"visible after {visible} s, run for {timeout} s"] if visible < 6 * timeout else []


def receives_cover_the_fast_phase(deployed: Deployed) -> list[str]:
    """Or a payment that is merely unknown ends in the dead-letter queue."""
    redrives = {queue: most for queue, _, most in _redrives(deployed)}
    if QUEUE not in redrives:
        return [f"{QUEUE}: has no dead-letter queue"]
    return [f"{queue}: {most}" for queue, most in redrives.items() if most <= FAST_PHASE_ATTEMPTS]


def dead_letters_are_kept_longer(deployed: Deployed) -> list[str]:
    """A moved message keeps its first time stamp."""

    def kept(queue: str) -> int:
        return int(deployed.properties(queue).get("MessageRetentionPeriod", DEFAULT_RETENTION))

    return [
        f"{dead_letters}: kept no longer than in {queue}"
        for queue, dead_letters, _ in _redrives(deployed)
        if kept(dead_letters) < max(kept(queue) + 1, 14 * 86_400)
    ]


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
    for_a_person = {CASES, *moved_to, *(only(one) for _, one in _deliveries(deployed) if one)}
    sent, grown = set(), set()
    for _, alarm in deployed.of_type("CloudWatch::Alarm"):
        metrics = alarm.get("Metrics", [])
        if not alarm.get("AlarmActions"):
            continue
        if alarm.get("MetricName") == "NumberOfMessagesSent":
            sent |= _watched(alarm)
        if any(one.get("Expression", "").startswith("DIFF(") for one in metrics):
            grown |= _watched(*(one["MetricStat"]["Metric"] for one in metrics[1:]))
    found = [f"{name}: no alarm tells when it grows" for name in for_a_person - sent - grown]
    return found + [f"{name}: what SQS moves there is not seen" for name in moved_to - grown]


def no_alarm_stays_while_a_message_does(deployed: Deployed) -> list[str]:
    """Nor does one go by the oldest message: those received three times are left out."""
    return [
        f"{name}: one message hides what follows"
        for name, alarm in deployed.of_type("CloudWatch::Alarm")
        if str(alarm.get("MetricName")).startswith("Approximate")
    ]


def every_delivery_has_dead_letters(deployed: Deployed) -> list[str]:
    """Every target of a rule and every subscription; a rule's also a retry policy."""
    return [f"{name}: no dead letters" for name, dead in _deliveries(deployed) if not dead] + [
        f"{name}: no retry policy"
        for name, _, target in _targets(deployed)
        if not target.get("RetryPolicy", {}).get("MaximumEventAgeInSeconds")
    ]


def no_event_of_a_payment_is_a_mail(deployed: Deployed) -> list[str]:
    """More than ten messages a second suspend an e-mail subscription, and every alarm with it."""
    queues = {name for name, _ in deployed.of_type("SQS::Queue")}
    return [
        f"{name}: delivers to no queue"
        for name, _, target in _targets(deployed)
        if not referred(target["Arn"]) & queues
    ]


def outcomes_are_taken_in_both_forms_and_once(deployed: Deployed) -> list[str]:
    """Version 1 is on the bus during an upgrade; a replay would be a second refund or case."""
    found = []
    for name, rule in deployed.of_type("Events::Rule"):
        pattern = rule["EventPattern"]
        if name == "PaymentTimeoutRule":
            continue  # a payment's cancellation can be asked for again
        if pattern.get("replay-name") != [{"exists": False}]:
            found.append(f"{name}: takes replays")
        outcome = pattern["source"] == ["alipayplus.cancelPayment"]
        if outcome and pattern.get("detail", {}).get("version") != ["1", "2"]:
            found.append(f"{name}: does not take the versions 1 and 2 alone")
        if outcome and "AWS::AccountId" not in referred(pattern.get("account", [])):
            found.append(f"{name}: takes the outcomes of other accounts")
    return found


def stopped_trackers_are_cases(deployed: Deployed) -> list[str]:
    """A tracker that ends without an outcome event is never lost silently."""
    covered: set[str] = set()
    for _, rule, target in _targets(deployed):
        detail = rule["EventPattern"].get("detail", {})
        if STATE_MACHINE in referred(detail.get("stateMachineArn", [])) and CASES in referred(
            target["Arn"]
        ):
            for branch in detail.get("$or", [detail]):
                if {"wildcard": "*.*"} in branch.get("error", [{"wildcard": "*.*"}]):
                    covered |= set(branch["status"])
    return [
        f"{status}: no rule makes it a case"
        for status in sorted({"FAILED", "TIMED_OUT", "ABORTED"} - covered)
    ]


def _redrives(deployed: Deployed) -> Iterator[tuple[str, str, int]]:
    """Each queue with a redrive policy, where that leads, after how many receives."""
    for name, queue in deployed.of_type("SQS::Queue"):
        if policy := queue.get("RedrivePolicy"):
            yield name, only(policy["deadLetterTargetArn"]), int(policy["maxReceiveCount"])


def _targets(deployed: Deployed) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name, rule in deployed.of_type("Events::Rule"):
        for target in rule["Targets"]:
            yield name, rule, target


def _deliveries(deployed: Deployed) -> Iterator[tuple[str, Any]]:
    """Who delivers, and the dead-letter queue if there is one."""
    for name, _, target in _targets(deployed):
        yield name, target.get("DeadLetterConfig", {}).get("Arn")
    for name, one in deployed.of_type("SNS::Subscription"):
        yield name, one.get("RedrivePolicy", {}).get("deadLetterTargetArn")


def _watched(*metrics: dict[str, Any]) -> set[str]:
    return {only(one["Value"]) for metric in metrics for one in metric["Dimensions"]}
