"""Rules of the state machine inside its template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.statemachine import definition as graph
from tests.template.deployed import STATE_MACHINE, Deployed
from tests.template.queues import CASES
from tests.template.references import referred

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def tasks(deployed: Deployed) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in deployed.definition["States"].items():
        if state["Type"] == "Task":
            yield name, state


def every_token_task_has_a_timeout(deployed: Deployed) -> list[str]:
    """Or a lost message leaves its payment waiting for a year."""
    return [
        f"{name}: waits for its token for ever"
        for name, task in tasks(deployed)
        if "waitForTaskToken" in task["Resource"] and not task.get("TimeoutSeconds", 0) > 0
    ]


def every_transition_leads_to_a_state(deployed: Deployed) -> list[str]:
    states = deployed.definition["States"]
    named = {target for state in states.values() for target in graph.targets(state)}
    return [
        f"{name}: no state is called so"
        for name in sorted(named | {deployed.definition["StartAt"]})
        if name not in states
    ]


def substitutions_match(deployed: Deployed) -> list[str]:
    """Each placeholder of the definition is filled in, and nothing else is handed over."""
    used = set(_PLACEHOLDER.findall(json.dumps(deployed.definition)))
    given = set(deployed.properties(STATE_MACHINE).get("DefinitionSubstitutions", {}))
    return [f"{name}: used but not given" for name in sorted(used - given)] + [
        f"{name}: given but not used" for name in sorted(given - used)
    ]


def stopped_trackers_are_cases(deployed: Deployed) -> list[str]:
    """A tracker that ends without an outcome event is never lost silently."""
    covered: set[str] = set()
    for _, rule in deployed.of_type("Events::Rule"):
        detail = rule["EventPattern"].get("detail", {})
        if STATE_MACHINE in referred(detail.get("stateMachineArn", [])) and CASES in referred(
            [target["Arn"] for target in rule["Targets"]]
        ):
            for branch in detail.get("$or", [detail]):
                errors = branch.get("error", [{"wildcard": "*.*"}])
                if {"wildcard": "*.*"} in errors:
                    covered |= set(branch["status"])
    return [
        f"{status}: no rule makes it a case"
        for status in sorted({"FAILED", "TIMED_OUT", "ABORTED"} - covered)
    ]
