"""The state machine that follows what is still unknown after a minute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.finding import Finding, ok_unless

SUBJECT = "tracker"
_REDEPLOY = "deploy the template again"


def check(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    arn = deployment.resource("CancelUntilCutoffStateMachine")
    machine = aws.read("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    yield from judge(machine, deployment)


def judge(machine: Mapping[str, Any], deployment: Deployment) -> Iterator[Finding]:
    logging = machine.get("loggingConfiguration") or {}
    level = logging.get("level")
    fact = f"active, {machine['type'].lower()}" + (f", logs {level}" if level else "")
    yield from ok_unless(_faults(machine, logging, deployment), SUBJECT, fact)


def _faults(
    machine: Mapping[str, Any], logging: Mapping[str, Any], deployment: Deployment
) -> Iterator[Finding]:
    if machine["status"] != "ACTIVE":
        yield Finding.wrong(SUBJECT, f"its state is {machine['status']}", _REDEPLOY)
    if machine["type"] != "STANDARD":
        yield Finding.wrong(
            SUBJECT, "it is an express workflow, which ends after five minutes", _REDEPLOY
        )
    if not logging and deployment.emulated:
        yield Finding.info(
            f"{SUBJECT} log", "not judged: an emulated AWS does not keep its setting"
        )
    elif logging.get("level") not in {"ERROR", "ALL"} or not logging.get("destinations"):
        yield Finding.wrong(
            SUBJECT, "it does not log its errors: a broken execution explains nothing", _REDEPLOY
        )
