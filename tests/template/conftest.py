"""The translated template, and the function before servers that stand for Alipay+ and AWS."""

from __future__ import annotations

import pytest

from tests.integration.conftest import (  # noqa: F401 (fixtures of the function under test)
    _double,
    aws,
    fresh,
    gateway,
    signer,
)
from tests.template import deployed, options
from tests.template.deployed import Deployed


@pytest.fixture(scope="session")
def template() -> Deployed:
    """With everything that can be switched on, and deployed gradually."""
    return deployed.load(**options.variants()["all"])
