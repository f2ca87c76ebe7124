"""Rules of what the person on call gets: alarms, the runbook behind them, the dashboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.template.deployed import FUNCTION, ROOT, Deployed
from tests.template.references import only, referred

_LINK = re.compile(r"Section of the runbook: \$\{RunbookUrl\}#([a-z-]+)$")
_METRICS = "CancelPayment"


def every_alarm_says_what_to_do(deployed: Deployed) -> list[str]:
    """A description that ends in its section of the runbook."""
    runbook = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", runbook, re.MULTILINE)
    sections = {heading.lower().replace(" ", "-") for heading in headings}
    found = []
    for name, alarm in deployed.of_type("CloudWatch::Alarm"):
        text = alarm.get("AlarmDescription", {}).get("Fn::Sub", "")
        link = _LINK.search(text)
        if len(text) < 80 or not link or link[1] not in sections:
            found.append(f"{name}: does not say what to do, or links no section of the runbook")
    return found


def every_alarm_reaches_a_person(deployed: Deployed) -> list[str]:
    topics = {name for name, _ in deployed.of_type("SNS::Topic")} or {"AlertTopicArn"}
    return [
        f"{name}: {fault}"
        for name, alarm in deployed.of_type("CloudWatch::Alarm")
        for fault, there in {
            "tells nobody": not topics & referred(alarm.get("AlarmActions", [])),
            "does not tell when it is over": not topics & referred(alarm.get("OKActions", [])),
            "silence is taken for trouble": alarm.get("TreatMissingData") != "notBreaching",
        }.items()
        if there
    ]


def own_metrics_are_counted_for_this_stack(deployed: Deployed) -> list[str]:
    """By the exact name in the code, and under the stack's own: or a test stack of the same account
    sets off production's alarms."""
    files = (ROOT / "functions/cancel_payment").rglob("*.py")
    code = "".join(path.read_text("utf-8") for path in files)
    service = deployed.properties(FUNCTION)["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    found = [] if service == {"Ref": "AWS::StackName"} else ["counted under another name"]
    for name, dimensions in _own_metrics(deployed):
        if f'"{name}"' not in code:
            found.append(f"{name}: nobody counts it")
        if dimensions != {"service": {"Ref": "AWS::StackName"}}:
            found.append(f"{name}: of every stack of the account")
    return found


def dashboard_shows_every_alarm_in_order(deployed: Deployed) -> list[str]:
    """In the order of the questions on call, which is that of the template."""
    titles = [one["properties"]["markdown"] for one in _widgets(deployed) if one["type"] == "text"]
    found = [] if titles == sorted(titles) and len(titles) == 4 else ["questions out of order"]
    shown = re.findall(r"\$\{(\w+)\.Arn\}", _dashboard(deployed))
    alarms = [name for name, _ in deployed.of_type("CloudWatch::Alarm")]
    return found if shown == alarms else [*found, f"alarms shown {shown}, there are {alarms}"]


def every_log_query_reads_the_functions_log(deployed: Deployed) -> list[str]:
    group = only(deployed.properties(FUNCTION)["LoggingConfig"]["LogGroup"])
    queries = list(deployed.of_type("Logs::QueryDefinition"))
    return ([] if len(queries) == 3 else [f"{len(queries)} saved log queries"]) + [
        f"{name}: reads another log"
        for name, query in queries
        if referred(query["LogGroupNames"]) != {group}
    ]


def _own_metrics(deployed: Deployed) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and dimensions of each metric that an alarm or the dashboard watches."""
    for _, alarm in deployed.of_type("CloudWatch::Alarm"):
        stats = [one.get("MetricStat", {}).get("Metric", {}) for one in alarm.get("Metrics", [])]
        for one in [alarm, *stats]:
            if one.get("Namespace") == _METRICS:
                dimensions = one.get("Dimensions", [])
                yield one["MetricName"], {each["Name"]: each["Value"] for each in dimensions}
    for widget in _widgets(deployed):
        first: list[Any] = [None, None]
        for row in widget["properties"].get("metrics", []):
            first = first if row[0] in {".", "..."} else row
            if first[0] == _METRICS and row[0] != "...":
                name, value = first[2], first[3]
                stack = {"Ref": "AWS::StackName"} if value == "${AWS::StackName}" else value
                yield row[1], {name: stack}


def _widgets(deployed: Deployed) -> list[dict[str, Any]]:
    """Those of the dashboard, whose references stay as they are written."""
    text = re.sub(r"(?<=: )\$\{[^}]+\}", "1", _dashboard(deployed))
    widgets: list[dict[str, Any]] = json.loads(text)["widgets"]
    return widgets


def _dashboard(deployed: Deployed) -> str:
    for _, one in deployed.of_type("CloudWatch::Dashboard"):
        text: str = one["DashboardBody"]["Fn::Sub"][0]
        return text
    return '{"widgets": []}'
