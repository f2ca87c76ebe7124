"""What the rule tests share: Alipay+ on loopback, the line under test, a hypothesis profile."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.rules.alipay import Alipay
from tests.rules.line import Line

settings.register_profile(
    "rules", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "rules-ci", settings.get_profile("rules"), derandomize=True, print_blob=True
)
# For misreadings planted on purpose: the first counter-example will do.
settings.register_profile(
    "rules-planted",
    settings.get_profile("rules-ci"),
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(
    os.environ.get("RULES_PROFILE", "rules-ci" if os.environ.get("CI") else "rules")
)

GATEWAY_TIMEOUT = timedelta(seconds=8)
# For answers that never end: the same code, waiting less.
SHORT_TIMEOUT = timedelta(seconds=0.5)


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """Ten thousand log lines about planned faults would hide the one failure."""
    logger = logging.getLogger("cancel-payment")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    yield
    logger.setLevel(level)


@pytest.fixture(scope="session")
def alipay() -> Iterator[Alipay]:
    server = Alipay()
    yield server
    server.close()


@pytest.fixture(scope="session")
def line(alipay: Alipay) -> Line:
    return Line(alipay.url, GATEWAY_TIMEOUT)


@pytest.fixture(scope="session")
def impatient_line(alipay: Alipay) -> Line:
    return Line(alipay.url, SHORT_TIMEOUT)
