"""Rules of the function and its tracker: what the template says of them is what they are.

That the handler's path names a function shows in every test of the deployed stack.
"""

from __future__ import annotations

import json
import re

from tests.template.deployed import FUNCTION, ROOT, STATE_MACHINE, Deployed
from tests.template.references import only, referred

SETTINGS = ROOT / "functions" / "cancel_payment" / "settings.py"
_SETTING = re.compile(r'"([A-Z]+(?:_[A-Z]+)+)"')
# Read by SAM's own runtime, and by Powertools.
OF_OTHERS = re.compile("AWS_SAM_LOCAL|POWERTOOLS_.+")
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def settings_match(deployed: Deployed) -> list[str]:
    """Every variable that is set is read, every one that is read is set."""
    given = set(deployed.properties(FUNCTION)["Environment"]["Variables"])
    read = set(_SETTING.findall(SETTINGS.read_text("utf-8")))
    if not deployed.parameters.get("SigningKeyArn"):
        read -= {"ALIPAY_SIGNING_KEY_ARN"}
    differing = sorted(given ^ read)
    return [f"{name}: only set or only read" for name in differing if not OF_OTHERS.fullmatch(name)]


def source_reports_single_failures(deployed: Deployed) -> list[str]:
    """Without it one message that must come back brings back all ten."""
    return [
        f"{name}: {fault}"
        for name, mapping in deployed.of_type("Lambda::EventSourceMapping")
        for fault, there in {
            "reports no single failures": mapping.get("FunctionResponseTypes")
            != ["ReportBatchItemFailures"],
            "batches of more than ten": mapping.get("BatchSize", 10) > 10,
            "a batching window delays retries": mapping.get("MaximumBatchingWindowInSeconds"),
            "does not invoke the alias": "Alias" not in str(mapping["FunctionName"]),
        }.items()
        if there
    ]


def concurrency_is_not_reserved(deployed: Deployed) -> list[str]:
    """Or SQS receives messages only to have them throttled into the dead-letter queue."""
    reserved = deployed.properties(FUNCTION).get("ReservedConcurrentExecutions")
    return [f"{reserved} are reserved"] if reserved is not None else []


def attempts_fit_into_the_timeout(deployed: Deployed) -> list[str]:
    """One attempt at its longest, and half of the function's time for the effects."""
    timeout = int(deployed.properties(FUNCTION)["Timeout"])
    longest = int(deployed.template["Parameters"]["GatewayTimeoutSeconds"]["MaxValue"])
    return [] if 2 * longest <= timeout else [f"an attempt may take {longest} s of {timeout} s"]


def deployment_is_guarded(deployed: Deployed) -> list[str]:
    """Gradual deployment goes back by itself when the new version ends in errors.

    By that alone: CodeDeploy begins no deployment while one of its alarms is in ALARM, and what
    began before the new version, or comes from elsewhere, is what a deployment may have to fix.
    """
    groups = list(deployed.of_type("CodeDeploy::DeploymentGroup"))
    gradual = deployed.parameters.get("GradualDeployment", "AllAtOnce") != "AllAtOnce"
    found = [] if len(groups) == gradual else ["traffic is not shifted as it is chosen"]
    for name, group in groups:
        guard = group.get("AlarmConfiguration", {})
        if not (guard.get("Enabled") and guard.get("Alarms")):
            found.append(f"{name}: guarded by no alarm")
        for alarm in map(only, guard.get("Alarms", [])):
            properties = deployed.properties(alarm)
            dimensions = {one["Name"]: one["Value"] for one in properties.get("Dimensions", [])}
            version = referred(dimensions.get("ExecutedVersion", []))
            if not version or not version <= referred(properties.get("AlarmName", [])):
                found.append(f"{name}: {alarm} may be in ALARM before the new version runs")
        rollback = group.get("AutoRollbackConfiguration", {})
        if "DEPLOYMENT_STOP_ON_ALARM" not in rollback.get("Events", []):
            found.append(f"{name}: an alarm does not roll back")
    return found


def substitutions_match(deployed: Deployed) -> list[str]:
    """Each placeholder of the state machine is filled in, and nothing else is handed over."""
    used = set(_PLACEHOLDER.findall(json.dumps(deployed.definition)))
    given = set(deployed.properties(STATE_MACHINE).get("DefinitionSubstitutions", {}))
    return [f"{name}: only used or only given" for name in sorted(used ^ given)]
