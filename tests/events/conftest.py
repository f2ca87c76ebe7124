"""The function in front of the stand-in, whose scenarios the ready events name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import StandIn
from tests.integration.conftest import _double, aws  # noqa: F401
from tests.support.aws import AwsDouble
from tests.support.function import Function, environment


@pytest.fixture
def function(
    aws: AwsDouble,  # noqa: F811
    stand_in: StandIn,
) -> Iterator[Function]:
    aws.reset(stand_in.secret)
    # One event waits for an answer that never comes.
    with environment(aws, stand_in.url, GATEWAY_TIMEOUT_SECONDS="1") as function:
        yield function
