"""Rules of who delivers what to whom: rules and topics to queues, alarms to the topic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.template.deployed import Deployed
from tests.template.references import listed, only, referred, statements


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


def queue_policies_admit_only_their_senders(deployed: Deployed) -> list[str]:
    """Each queue: its own rules and topics may send, nobody may do anything without TLS."""
    policies = {
        only(policy["Queues"]): policy["PolicyDocument"]
        for _, policy in deployed.of_type("SQS::QueuePolicy")
    }
    found = []
    for queue, properties in deployed.of_type("SQS::Queue"):
        if not (properties.get("SqsManagedSseEnabled") or properties.get("KmsMasterKeyId")):
            found.append(f"{queue}: not encrypted")
        admitted: set[str] = set()
        tls = False
        for statement in statements(policies.get(queue, {"Statement": []})):
            if statement["Effect"] == "Deny":
                tls = tls or _denies_plain_text(statement, queue)
                continue
            sources = statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn", [])
            if (
                statement["Action"] != "sqs:SendMessage"
                or set(statement["Principal"]) != {"Service"}
                or not sources
                or referred(statement["Resource"]) != {queue}
            ):
                found.append(f"{queue}: {statement.get('Sid')} admits more than one sender")
            admitted |= referred(sources)
        if not tls:
            found.append(f"{queue}: may be used without TLS")
        senders = _senders(deployed, queue)
        found += [f"{queue}: {one} may send but does not" for one in sorted(admitted - senders)]
        found += [f"{queue}: {one} sends but may not" for one in sorted(senders - admitted)]
    return found


def alarms_can_reach_the_topic(deployed: Deployed) -> list[str]:
    """By its policy and by that of its key; a topic of the company's own is its own affair."""
    policies = [
        (name, one["PolicyDocument"], "sns:Publish")
        for name, one in deployed.of_type("SNS::TopicPolicy")
    ]
    policies += [
        (name, one["KeyPolicy"], "kms:Decrypt") for name, one in deployed.of_type("KMS::Key")
    ]
    return [
        f"{name}: alarms cannot {action}"
        for name, policy, action in policies
        if not any(
            "cloudwatch.amazonaws.com" in listed(_services(statement))
            and action in listed(statement["Action"])
            for statement in statements(policy)
        )
    ]


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


def _services(statement: dict[str, Any]) -> Any:
    principal = statement["Principal"]
    return principal.get("Service", []) if isinstance(principal, dict) else []


def _denies_plain_text(statement: dict[str, Any], queue: str) -> bool:
    return (
        statement["Principal"] == "*"
        and statement["Action"] == "sqs:*"
        and referred(statement["Resource"]) == {queue}
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    )


def _senders(deployed: Deployed, queue: str) -> set[str]:
    senders: set[str] = set()
    for where, target, dead in deliveries(deployed):
        if queue in referred(target) | referred(dead):
            senders.add(where.partition("/")[0])
    # What a subscription cannot deliver is sent on by its topic.
    topics = {name: only(one["TopicArn"]) for name, one in deployed.of_type("SNS::Subscription")}
    return {topics.get(name, name) for name in senders}
