"""The translated template, and the calls that the function makes in a run."""

from __future__ import annotations

import pytest

from tests.handler.conftest import (  # noqa: F401 (fixtures of the function under test)
    _double,
    aws,
    function,
    output,
)
from tests.template import deployed
from tests.template.deployed import Deployed


@pytest.fixture(scope="session")
def template() -> Deployed:
    """As it is deployed to production: gradually, with everything that can be switched on."""
    return deployed.load(GradualDeployment="Canary10Percent5Minutes")
