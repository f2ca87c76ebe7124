"""The template keeps every rule that no linter has, and each rule can be broken."""

from __future__ import annotations

import pytest

from tests.template import (
    alarms,
    deliveries,
    deployed,
    function,
    options,
    queues,
    seeds,
    tracker,
    wholes,
)
from tests.template.alarms import ANCHORS
from tests.template.deployed import ROOT, Deployed, Rule
from tests.template.seeds import RULES, SEEDS, Seed

# What an emulation of AWS does not get.
OF_FULL_MONITORING = {
    alarms.every_alarm_says_what_to_do,
    alarms.dashboard_shows_every_alarm_in_order,
    alarms.every_log_query_reads_the_functions_log,
    queues.every_queue_for_a_person_is_alarmed_when_it_grows,
}


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
    modules = (alarms, deliveries, function, queues, tracker, wholes)
    written = {
        rule
        for module in modules
        for name, rule in vars(module).items()
        if getattr(rule, "__module__", "") == module.__name__
        and getattr(rule, "__annotations__", {}).get("return") == "list[str]"
        and not name.startswith("_")
    }
    assert written == set(seeds.RULES)


@pytest.mark.parametrize("variant", options.variants())
def test_every_variant_is_translated_and_keeps_the_rules(variant: str) -> None:
    chosen = options.variants()[variant]
    template = deployed.load(**chosen)
    gradual = "GradualDeployment" in chosen
    left_out = OF_FULL_MONITORING if chosen.get("Monitoring") == "Basic" else set()
    left_out = left_out | ({function.deployment_is_guarded} if not gradual else set())
    kept = [one for one in RULES if one not in left_out]
    assert [finding for rule in kept for finding in rule(template)] == []
    assert len(list(template.of_type("CodeDeploy::DeploymentGroup"))) == gradual


def test_every_link_of_an_alarm_leads_to_a_section_of_the_runbook() -> None:
    runbook = ROOT / "docs" / "runbook.md"
    if not runbook.exists():
        pytest.skip("docs/runbook.md is not written yet")
    text = runbook.read_text("utf-8")
    headings = [line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#")]
    anchors = {heading.replace(" ", "-") for heading in headings}
    anchors |= {anchor for anchor in ANCHORS if f'id="{anchor}"' in text}
    assert set(ANCHORS) <= anchors
