"""The translated template."""

from __future__ import annotations

import pytest

from tests.template import deployed, options
from tests.template.deployed import Deployed


@pytest.fixture(scope="session")
def template() -> Deployed:
    """With everything that can be switched on, and deployed gradually."""
    return deployed.load(**options.variants()["all"])
