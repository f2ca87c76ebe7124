"""What `sam deploy` does when nobody says more, as SAM itself reads it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from samcli.cli.types import CfnParameterOverridesType
from samcli.lib.config.samconfig import SamConfig

from tests.template import deployed
from tests.template.deployed import ROOT, Deployed


def settings(environment: str) -> dict[str, Any]:
    """The settings of `sam deploy`, those for every command among them."""
    return dict(SamConfig(str(ROOT)).get_all(["deploy"], "parameters", environment))


def overrides(environment: str) -> dict[str, str]:
    chosen = settings(environment).get("parameter_overrides", "")
    return dict(CfnParameterOverridesType().convert(chosen, None, None)) if chosen else {}


@pytest.mark.parametrize("environment", ["default", "prod"])
def test_a_deployment_is_shown_before_it_is_made_and_fits_the_template(
    environment: str, template: Deployed
) -> None:
    found = settings(environment)
    assert found["confirm_changeset"] is True
    assert found["resolve_s3"] is True
    # No role has a name, so that this one is enough.
    assert found["capabilities"] == "CAPABILITY_IAM"
    assert not any("RoleName" in role for _, role in template.of_type("IAM::Role"))
    parameters = deployed.parse(deployed.TEMPLATE.read_text("utf-8"))["Parameters"]
    for name, value in overrides(environment).items():
        rules = parameters[name]
        assert str(value) in [str(one) for one in rules.get("AllowedValues", [value])]
        assert re.fullmatch(rules.get("AllowedPattern", ".*"), value)


def test_production_is_a_stack_of_its_own_that_shifts_traffic_and_keeps_proofs() -> None:
    for name in ("stack_name", "s3_prefix"):
        assert settings("default")[name] != settings("prod")[name]
    production = overrides("prod")
    assert production["GradualDeployment"].startswith("Canary")
    assert production["OutcomeArchiveDays"] == "400"
