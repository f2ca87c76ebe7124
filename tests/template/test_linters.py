"""Which tool catches which mistake: none catches all, together they do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from samtranslator.model.exceptions import InvalidDocumentException

from tests.statemachine.asl_lint import lint as asl
from tests.template import deployed, lint, options
from tests.template.deployed import Deployed
from tests.template.evaluated import settled
from tests.template.seeds import RULES

type Change = tuple[str, str]

POLICY_TEMPLATE = """      Policies:
        - SQSSenderPolicy: { QueueName: !GetAtt PaymentTimeoutsQueue.QueueName }
"""
# Mistake: what is changed in the template or the definition, and who catches it.
MISTAKES: dict[str, tuple[Change, set[str]]] = {
    "wrong runtime": (
        ("Runtime: python3.13", "Runtime: python3.99"),
        {"cfn-lint", "cfn-lint, translated"},
    ),
    "misspelt response type": (
        ("[ReportBatchItemFailures]", "[ReportBatchItemFailure]"),
        {"cfn-lint", "cfn-lint, translated", "rules"},
    ),
    "timeout 1000": (("      Timeout: 30\n", "      Timeout: 1000\n"), {"rules"}),
    "unknown policy template": (
        ("      Role: !GetAtt CancelPaymentRole.Arn\n", POLICY_TEMPLATE),
        {"cfn-lint", "transform"},
    ),
    "missing substitution": (
        ("        OutcomeBusName: !Ref OutcomeBusName\n", ""),
        {"rules"},
    ),
    "dangling transition": (('"Next": "RequestAttempt"', '"Next": "Request"'), {"asl", "rules"}),
    "visibility too short": (("VisibilityTimeout: 180", "VisibilityTimeout: 90"), {"rules"}),
}


def catching(source: str, definition_text: str) -> set[str]:
    """The tools that find something."""
    definition: dict[str, Any] = json.loads(definition_text)
    try:
        translated = deployed.translate(source, options.REQUIRED)
    except InvalidDocumentException:
        return {"transform"} | ({"cfn-lint"} if lint.cfn_lint(source) else set())
    template = settled(translated, options.REQUIRED)
    seeded = Deployed(template, definition, source, options.REQUIRED)
    linted = json.dumps({part: one for part, one in template.items() if part != "Conditions"})
    tools: dict[str, Callable[[], object]] = {
        "cfn-lint": lambda: lint.cfn_lint(source),
        "cfn-lint, translated": lambda: lint.cfn_lint(linted, translated=True),
        "asl": lambda: asl.findings(json.loads(asl.filled_in(definition_text))),
        "rules": lambda: [
            finding
            for rule in RULES
            if rule.__name__ != "deployment_is_guarded"  # AllAtOnce here
            for finding in rule(seeded)
        ],
    }
    return {name for name, find in tools.items() if find()}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_mistake_is_caught_by_these_tools(mistake: str) -> None:
    (old, new), catchers = MISTAKES[mistake]
    source = deployed.TEMPLATE.read_text("utf-8")
    definition = lint.STATE_MACHINE.read_text("utf-8")
    assert (old in source) != (old in definition)
    found = catching(source.replace(old, new, 1), definition.replace(old, new, 1))
    assert found == catchers


def test_no_tool_finds_anything_without_a_mistake() -> None:
    source = deployed.TEMPLATE.read_text("utf-8")
    assert catching(source, lint.STATE_MACHINE.read_text("utf-8")) == set()
