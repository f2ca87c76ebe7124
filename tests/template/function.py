"""Rules of the function: what the template says of it is what the code is."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from tests.template.deployed import FUNCTION, ROOT, Deployed, parse
from tests.template.references import only, referred

# Read by Powertools, not by the code.
OF_LIBRARIES = {
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_LOG_LEVEL",
}


def handler_resolves(deployed: Deployed) -> list[str]:
    """The path names a function inside the directory that is packaged."""
    path = str(deployed.properties(FUNCTION)["Handler"])
    module, _, name = path.rpartition(".")
    code = ROOT / parse(deployed.source)["Resources"][FUNCTION]["Properties"]["CodeUri"]
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        return [f"{path}: {error}"]
    file = found.__file__ or ""
    if not callable(getattr(found, name, None)):
        return [f"{path}: no such function"]
    return [] if file.startswith(str(code.resolve())) else [f"{path}: not below {code}"]


def settings_match(deployed: Deployed) -> list[str]:
    """Every variable that is set is read, every one that is read is set."""
    given = set(deployed.properties(FUNCTION)["Environment"]["Variables"]) - OF_LIBRARIES
    read = settings_read()
    if not deployed.parameters.get("SigningKeyArn"):
        read -= {"ALIPAY_SIGNING_KEY_ARN"}
    return [f"{name}: set but never read" for name in sorted(given - read)] + [
        f"{name}: read but not set" for name in sorted(read - given)
    ]


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


def attempts_fit_into_the_timeout(deployed: Deployed) -> list[str]:
    """One attempt at its longest, and half of the function's time for the effects."""
    timeout = int(deployed.properties(FUNCTION)["Timeout"])
    parameter = deployed.template["Parameters"]["GatewayTimeoutSeconds"]
    longest = int(parameter["MaxValue"])
    return [] if 2 * longest <= timeout else [f"an attempt may take {longest} s of {timeout} s"]


def deployment_is_guarded(deployed: Deployed) -> list[str]:
    """Gradual deployment goes back by itself when the new version ends in errors.

    By that alone: CodeDeploy begins no deployment while one of its alarms is in ALARM, and what
    began before the new version, or comes from elsewhere, is what a deployment may have to fix.
    """
    groups = list(deployed.of_type("CodeDeploy::DeploymentGroup"))
    found = [] if groups else ["traffic is not shifted gradually"]
    for name, group in groups:
        alarms = group.get("AlarmConfiguration", {})
        if not (alarms.get("Enabled") and alarms.get("Alarms")):
            found.append(f"{name}: guarded by no alarm")
        for alarm in map(only, alarms.get("Alarms", [])):
            properties = deployed.properties(alarm)
            dimensions = {one["Name"]: one["Value"] for one in properties.get("Dimensions", [])}
            version = referred(dimensions.get("ExecutedVersion", []))
            if not version or not version <= referred(properties.get("AlarmName", [])):
                found.append(f"{name}: {alarm} may be in ALARM before the new version runs")
        rollback = group.get("AutoRollbackConfiguration", {})
        if "DEPLOYMENT_STOP_ON_ALARM" not in rollback.get("Events", []):
            found.append(f"{name}: an alarm does not roll back")
    return found


class _Spy(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return default

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def settings_read() -> set[str]:
    """The variables that the function's settings ask for."""
    from cancel_payment.settings import Settings, SettingsError

    spy = _Spy()
    with contextlib.suppress(SettingsError):
        Settings.from_environment(spy)
    return spy.asked - {"AWS_SAM_LOCAL"}
