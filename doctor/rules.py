"""The rules, by which events come in and outcomes go out, and the buses they listen on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from doctor import design, queue_policy, queues
from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.failures import Missing
from doctor.finding import Finding, ok_unless

_REDEPLOY = "somebody changed it: deploy the template again"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is designed.

    Attributes
    ----------
    bus, source
        The parameters that hold the names; None for what no parameter says.
    target
        Logical id of what it delivers to.
    """

    logical_id: str
    bus: str | None
    source: str | None
    kinds: tuple[str, ...]
    target: str
    input_path: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One rule as it is: `DescribeRule`, its targets, and the policy of the queue it feeds."""

    rule: Mapping[str, Any]
    targets: list[Mapping[str, Any]]
    target_arn: str
    undelivered_arn: str
    policy: str | None


RULES = (
    Rule(
        *("PaymentTimeoutRule", "PaymentEventBusName", "PaymentEventSource", design.INCOMING),
        *(queues.SOURCE, "$.detail"),
    ),
    Rule("RefundRequiredRule", "OutcomeBusName", None, design.REFUND, queues.REFUNDS, "$.detail"),
    Rule("OperatorCaseRule", "OutcomeBusName", None, design.CASES, queues.CASES),
    Rule("StoppedTrackerRule", None, None, (), queues.CASES),
)


def check(aws: Aws, deployment: Deployment, designed: Rule) -> Iterator[Finding]:
    # On a bus other than the default one, CloudFormation's name is "bus|rule".
    name = deployment.resource(designed.logical_id).rpartition("|")[2]
    bus = deployment.parameters[designed.bus] if designed.bus else "default"
    own = queues.attributes(aws, deployment, designed.target)
    undelivered = queues.attributes(aws, deployment, queues.UNDELIVERED)
    found = Found(
        rule=aws.read("events", "describe_rule", Name=name, EventBusName=bus),
        targets=aws.read("events", "list_targets_by_rule", Rule=name, EventBusName=bus)["Targets"],
        target_arn=own["QueueArn"],
        undelivered_arn=undelivered["QueueArn"],
        policy=own.get("Policy"),
    )
    yield from judge(found, designed, deployment)


def judge(found: Found, designed: Rule, deployment: Deployment) -> Iterator[Finding]:
    subject = f"rule {designed.logical_id}"
    faults = [
        *_state(found, designed, subject),
        *_pattern(found, designed, deployment, subject),
        *_target(found, designed, subject),
    ]
    yield from ok_unless(faults, subject, f"enabled, delivers to {designed.target}")


def _state(found: Found, designed: Rule, subject: str) -> Iterator[Finding]:
    if found.rule["State"] not in {"ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}:
        yield Finding.wrong(
            subject,
            "it is disabled: its events are gone for good, they wait nowhere",
            f"aws events enable-rule --name {found.rule['Name']} "
            f"--event-bus-name {found.rule.get('EventBusName', 'default')}; then publish again "
            "what was missed",
        )


def _pattern(
    found: Found, designed: Rule, deployment: Deployment, subject: str
) -> Iterator[Finding]:
    pattern = json.loads(found.rule.get("EventPattern") or "{}")
    if designed.target != queues.SOURCE and pattern.get("replay-name") != [{"exists": False}]:
        yield Finding.wrong(
            subject, "it takes replays of an archive: a second refund or case", _REDEPLOY
        )
    if not designed.kinds:
        return
    source = deployment.parameters[designed.source] if designed.source else design.OUTCOME_SOURCE
    if pattern.get("source") != [source] or set(pattern.get("detail-type", ())) != set(
        designed.kinds
    ):
        yield Finding.wrong(
            subject, f"it does not match {' and '.join(designed.kinds)} of {source}", _REDEPLOY
        )


def _target(found: Found, designed: Rule, subject: str) -> Iterator[Finding]:
    target = next((one for one in found.targets if one["Arn"] == found.target_arn), None)
    if target is None:
        yield Finding.wrong(subject, f"it does not deliver to {designed.target}", _REDEPLOY)
        return
    if target.get("InputPath") != designed.input_path:
        passed = designed.input_path or "the whole event"
        yield Finding.wrong(subject, f"it does not pass on {passed}", _REDEPLOY)
    if target.get("DeadLetterConfig", {}).get("Arn") != found.undelivered_arn:
        yield Finding.wrong(
            subject, "what it cannot deliver is lost: no queue of undelivered events", _REDEPLOY
        )
    if not queue_policy.lets_in(found.policy, "events.amazonaws.com", found.rule["Arn"]):
        yield Finding.wrong(
            subject, f"the policy of {designed.target} does not let it deliver", _REDEPLOY
        )


def check_bus(aws: Aws, deployment: Deployment, parameter: str) -> Iterator[Finding]:
    name = deployment.parameters[parameter]
    subject = "bus of outcomes" if parameter == "OutcomeBusName" else "bus of payment events"
    try:
        aws.read("events", "describe_event_bus", Name=name)
    except Missing:
        yield Finding.wrong(
            subject, f"there is no bus {name}", f"make it, or deploy with another {parameter}"
        )
    else:
        yield Finding.ok(subject, f"{name} exists")
