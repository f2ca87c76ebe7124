"""Rules of who delivers what to whom: rules and topics to queues, alarms to the topic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.template.deployed import Deployed
from tests.template.references import referred


def every_delivery_has_dead_letters(deployed: Deployed) -> list[str]:
    """Every target of a rule and every subscription; a rule's also a retry policy."""
    found = [
        f"{where}: no dead-letter queue" for where, _, dead in deliveries(deployed) if not dead
    ]
    for name, rule in deployed.of_type("Events::Rule"):
        found += [
            f"{name}/{target['Id']}: no retry policy"
            for target in rule["Targets"]
            if not target.get("RetryPolicy", {}).get("MaximumEventAgeInSeconds")
        ]
    return found


def no_event_of_a_payment_is_a_mail(deployed: Deployed) -> list[str]:
    """More than ten messages a second suspend an e-mail subscription, and every alarm with it."""
    return [
        f"{name}/{target['Id']}: delivers to no queue"
        for name, rule in deployed.of_type("Events::Rule")
        for target in rule["Targets"]
        if not referred(target["Arn"]) & {queue for queue, _ in deployed.of_type("SQS::Queue")}
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


def deliveries(deployed: Deployed) -> Iterator[tuple[str, Any, Any]]:
    """Who delivers, where to, and the dead-letter queue if there is one."""
    for name, rule in deployed.of_type("Events::Rule"):
        for target in rule["Targets"]:
            dead = target.get("DeadLetterConfig", {}).get("Arn")
            yield f"{name}/{target['Id']}", target["Arn"], dead
    for name, one in deployed.of_type("SNS::Subscription"):
        yield name, one["Endpoint"], one.get("RedrivePolicy", {}).get("deadLetterTargetArn")
