"""The template keeps every rule that no linter has, and each rule can be broken."""

from __future__ import annotations

import pytest

from tests.template import (
    alarms,
    deliveries,
    deployed,
    function,
    queues,
    roles,
    seeds,
    tracker,
    wholes,
)
from tests.template.alarms import ANCHORS
from tests.template.deployed import ROOT, Deployed, Rule
from tests.template.seeds import RULES, SEEDS, Seed

GRADUAL = ("AllAtOnce", "Canary10Percent5Minutes", "Linear10PercentEvery1Minute")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_template_keeps_the_rule(template: Deployed, rule: Rule) -> None:
    assert rule(template) == []


@pytest.mark.parametrize(
    ("rule", "seed"), SEEDS, ids=[f"{rule.__name__}-{n}" for n, (rule, _) in enumerate(SEEDS)]
)
def test_a_seeded_mistake_turns_the_rule_red(template: Deployed, rule: Rule, seed: Seed) -> None:
    seeded = template.copied()
    assert rule(seed(seeded) or seeded) != []


def test_no_rule_is_left_without_a_seeded_mistake() -> None:
    modules = (alarms, deliveries, function, queues, roles, tracker, wholes)
    written = {
        rule
        for module in modules
        for name, rule in vars(module).items()
        if getattr(rule, "__module__", "") == module.__name__
        and getattr(rule, "__annotations__", {}).get("return") == "list[str]"
        and not name.startswith("_")
    }
    # Needs the calls of a run; test_iam.py seeds into it.
    assert written - {roles.function_may_do_what_it_calls} == set(seeds.RULES)


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
@pytest.mark.parametrize("gradual", GRADUAL)
@pytest.mark.parametrize("monitoring", ["Full", "Basic"])
def test_every_variant_is_translated_and_keeps_the_rules(
    architecture: str, gradual: str, monitoring: str
) -> None:
    variant = deployed.load(
        Architecture=architecture, GradualDeployment=gradual, Monitoring=monitoring
    )
    kept = [one for one in RULES if one is not function.deployment_is_guarded]
    assert [finding for rule in kept for finding in rule(variant)] == []
    groups = list(variant.of_type("CodeDeploy::DeploymentGroup"))
    assert len(groups) == (gradual != "AllAtOnce")


def test_every_link_of_an_alarm_leads_to_a_section_of_the_runbook() -> None:
    runbook = ROOT / "docs" / "runbook.md"
    if not runbook.exists():
        pytest.skip("docs/runbook.md is not written yet")
    text = runbook.read_text("utf-8")
    headings = [line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#")]
    anchors = {heading.replace(" ", "-") for heading in headings}
    anchors |= {anchor for anchor in ANCHORS if f'id="{anchor}"' in text}
    assert set(ANCHORS) <= anchors
