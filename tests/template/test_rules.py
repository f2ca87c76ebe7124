"""The template keeps every rule that no linter has, and each rule can be broken."""

from __future__ import annotations

import pytest

from tests.template import alarms, deployed, function, options, queues, wholes
from tests.template.deployed import Deployed, Rule
from tests.template.seeds import RULES, SEEDS, seeded

# What an emulation of AWS does not get.
OF_FULL_MONITORING = {
    alarms.dashboard_shows_every_alarm_in_order,
    alarms.every_log_query_reads_the_functions_log,
    queues.every_queue_for_a_person_is_alarmed_when_it_grows,
}


@pytest.mark.parametrize("variant", options.variants())
def test_the_template_keeps_every_rule(variant: str) -> None:
    template = deployed.load(**options.variants()[variant])
    basic = template.parameters.get("Monitoring") == "Basic"
    kept = [one for one in RULES if not (basic and one in OF_FULL_MONITORING)]
    assert [(rule.__name__, finding) for rule in kept for finding in rule(template)] == []


@pytest.mark.parametrize(("rule", "mistake"), SEEDS, ids=[line for _, line in SEEDS])
def test_a_seeded_mistake_turns_the_rule_red(template: Deployed, rule: Rule, mistake: str) -> None:
    assert rule(seeded(template, mistake)) != []


def test_no_rule_is_left_without_a_seeded_mistake() -> None:
    written = {
        rule
        for module in (alarms, function, queues, wholes)
        for name, rule in vars(module).items()
        if getattr(rule, "__module__", "") == module.__name__ and not name.startswith("_")
    }
    assert written == set(RULES)
