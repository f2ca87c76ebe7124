"""The alarms: there, armed, and what they say now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.finding import Finding, ok_unless

SUBJECT = "alarms"
_ENDING = "Alarm"


def check(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    names = _names(deployment)
    found = aws.read_all(
        "cloudwatch", "describe_alarms", "MetricAlarms", AlarmNames=list(names.values())
    )
    yield from judge(found, deployment)


def judge(found: Iterable[Mapping[str, Any]], deployment: Deployment) -> Iterator[Finding]:
    alarms = {one["AlarmName"]: one for one in found}
    faults: list[Finding] = []
    topic = deployment.alert_topic
    for logical_id, name in sorted(_names(deployment).items()):
        faults += _one(f"alarm {logical_id.removesuffix(_ENDING)}", name, alarms.get(name), topic)
    faults += _monitoring(deployment)
    waiting = sum(one["StateValue"] == "INSUFFICIENT_DATA" for one in alarms.values())
    fact = f"{len(alarms)} there and armed, none in alarm"
    yield from ok_unless(
        faults, SUBJECT, fact + (f", {waiting} without data yet" if waiting else "")
    )


def _one(subject: str, name: str, alarm: Mapping[str, Any] | None, topic: str) -> Iterator[Finding]:
    if alarm is None:
        yield Finding.wrong(subject, "it is not there", "deploy the template again")
        return
    if not alarm["ActionsEnabled"]:
        yield Finding.wrong(
            subject,
            "its actions are disabled: it fires and nobody hears",
            f"aws cloudwatch enable-alarm-actions --alarm-names {name}",
        )
    elif topic not in alarm.get("AlarmActions", []):
        yield Finding.wrong(
            subject, "it does not tell the alert topic", "deploy the template again"
        )
    if alarm["StateValue"] == "ALARM":
        since = alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]
        section = alarm.get("AlarmDescription", "").rpartition("#")[2]
        yield Finding.warning(
            subject, f"in alarm since {since:%Y-%m-%d %H:%M:%S} UTC", f"docs/runbook.md#{section}"
        )


def _monitoring(deployment: Deployment) -> Iterator[Finding]:
    if deployment.parameters.get("Monitoring") == "Full":
        return
    subject, fact = "alarms on metric math", "left out: the stack has Monitoring=Basic"
    if deployment.emulated:
        yield Finding.info(subject, f"{fact}, as an emulated AWS wants it")
    else:
        yield Finding.warning(subject, fact, "deploy with Monitoring=Full where payments are real")


def _names(deployment: Deployment) -> dict[str, str]:
    return {
        logical_id: name
        for logical_id, name in deployment.resources.items()
        if logical_id.endswith(_ENDING)
    }
