"""What `sam deploy` does when nobody says more, as SAM itself reads it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from samcli.cli.types import CfnParameterOverridesType
from samcli.lib.config.samconfig import SamConfig

from tests.template import deployed
from tests.template.deployed import ROOT, Deployed

ENVIRONMENTS = ("default", "prod")


@pytest.fixture(params=ENVIRONMENTS)
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings of `sam deploy`, those for every command among them."""
    found: dict[str, Any] = SamConfig(str(ROOT)).get_all(["deploy"], "parameters", request.param)
    return dict(found)


def test_a_deployment_is_shown_before_it_is_made(settings: dict[str, Any]) -> None:
    assert settings["confirm_changeset"] is True
    assert settings["resolve_s3"] is True


def test_no_role_has_a_name_so_that_one_capability_is_enough(
    settings: dict[str, Any], template: Deployed
) -> None:
    assert settings["capabilities"] == "CAPABILITY_IAM"
    assert not any("RoleName" in role for _, role in template.of_type("IAM::Role"))


def test_every_override_is_a_parameter_and_a_value_that_it_takes(settings: dict[str, Any]) -> None:
    parameters = deployed.parse(deployed.TEMPLATE.read_text("utf-8"))["Parameters"]
    chosen = settings.get("parameter_overrides", "")
    overrides = CfnParameterOverridesType().convert(chosen, None, None) if chosen else {}
    for name, value in overrides.items():
        rules = parameters[name]
        assert str(value) in [str(one) for one in rules.get("AllowedValues", [value])]
        assert re.fullmatch(rules.get("AllowedPattern", ".*"), value)


def test_the_two_environments_are_two_stacks() -> None:
    config = SamConfig(str(ROOT))
    both = [config.get_all(["deploy"], "parameters", name) for name in ENVIRONMENTS]
    assert len({one["stack_name"] for one in both}) == 2
    assert len({one["s3_prefix"] for one in both}) == 2


def test_production_shifts_traffic_gradually_and_keeps_the_proofs_of_a_dispute() -> None:
    text = SamConfig(str(ROOT)).get_all(["deploy"], "parameters", "prod")["parameter_overrides"]
    assert "GradualDeployment=Canary" in text and "OutcomeArchiveDays=400" in text
