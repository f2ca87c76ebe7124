"""Rules of what the person on call gets: alarms, the runbook behind them, the dashboard."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.template.deployed import FUNCTION, ROOT, Deployed
from tests.template.references import only, references, referred

# Sections of docs/runbook.md. People bookmark them: the names stay.
ANCHORS = (
    "unresolved-payments",
    "stopped-trackers",
    "dead-letters",
    "oldest-request",
    "undelivered-events",
    "refunds-waiting",
    "unknown-rate",
    "unproven-answers",
    "keys-refused",
    "function-errors",
    "function-throttles",
)
_LINK = re.compile(r"Runbook: \$\{RunbookUrl\}#([a-z-]+)$")
_METRICS = "CancelPayment"


def every_alarm_says_what_to_do(deployed: Deployed) -> list[str]:
    """A description that ends in its section of the runbook, and each section has its alarm."""
    found, linked = [], set()
    for name, alarm in deployed.of_type("CloudWatch::Alarm"):
        text = alarm.get("AlarmDescription", {}).get("Fn::Sub", "")
        link = _LINK.search(text)
        if len(text) < 80 or not link or link[1] not in ANCHORS:
            found.append(f"{name}: does not say what to do, or links no section of the runbook")
        elif link:
            linked.add(link[1])
    return found + [f"{anchor}: no alarm leads there" for anchor in ANCHORS if anchor not in linked]


def every_alarm_reaches_a_person(deployed: Deployed) -> list[str]:
    topics = {name for name, _ in deployed.of_type("SNS::Topic")}
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


def every_watched_metric_exists(deployed: Deployed) -> list[str]:
    """A metric of our own is one that the code or a filter counts, by its exact name."""
    code = "".join(
        path.read_text("utf-8") for path in (ROOT / "functions/cancel_payment").glob("*.py")
    )
    counted = {
        one["MetricName"]
        for _, log in deployed.of_type("Logs::MetricFilter")
        for one in log["MetricTransformations"]
    }
    watched = set(re.findall(rf'"{_METRICS}", "(\w+)"', _dashboard(deployed)))
    watched |= set(re.findall(r'\["\.", "(\w+)", "\.", "\."\]', _own_rows(deployed)))
    for _, alarm in deployed.of_type("CloudWatch::Alarm"):
        stats = [one.get("MetricStat", {}).get("Metric", {}) for one in alarm.get("Metrics", [])]
        watched |= {
            one["MetricName"] for one in [alarm, *stats] if one.get("Namespace") == _METRICS
        }
    return [
        f"{name}: nobody counts it" for name in sorted(watched - counted) if f'"{name}"' not in code
    ]


def dashboard_shows_every_alarm_in_order(deployed: Deployed) -> list[str]:
    """In the order of the questions on call, which is that of the template."""
    widgets = json.loads(re.sub(r"\$\{[^}]+\}", "1", _dashboard(deployed)))["widgets"]
    titles = [one["properties"]["markdown"] for one in widgets if one["type"] == "text"]
    found = [] if titles == sorted(titles) and len(titles) == 4 else ["questions out of order"]
    [body] = [
        one["DashboardBody"]["Fn::Sub"] for _, one in deployed.of_type("CloudWatch::Dashboard")
    ]
    text, more = body
    row = re.search(r'"alarms": \[([^]]+)\]', text)
    assert row, "the dashboard has no row of alarms"
    for name, value in more.items():
        [alarm, *_] = [one for one, _ in references(value)]
        row_text = row[1].replace(f"${{{name}}}", f"${{{alarm}.Arn}}")
        shown = re.findall(r"\$\{(\w+)\.Arn\}", row_text)
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


def _dashboard(deployed: Deployed) -> str:
    [body] = [
        one["DashboardBody"]["Fn::Sub"] for _, one in deployed.of_type("CloudWatch::Dashboard")
    ]
    text: str = body[0]
    return text


def _own_rows(deployed: Deployed) -> str:
    """The widgets whose first row is a metric of our own: further rows abbreviate it."""
    widgets: list[dict[str, Any]] = json.loads(re.sub(r"\$\{[^}]+\}", "1", _dashboard(deployed)))[
        "widgets"
    ]
    rows = [one["properties"].get("metrics", []) for one in widgets]
    return json.dumps([row for row in rows if row and row[0][0] == _METRICS])
