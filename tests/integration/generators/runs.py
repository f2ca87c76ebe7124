"""The generators' runs: the same in a test and from the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.integration.generators import circumstances, gateway
from tests.support.aws import AwsDouble
from tests.support.signer import Signer

type Run = Callable[[int, range, AwsDouble, Signer], Any]

RUNS: dict[str, Run] = {"gateway": gateway.run, "circumstances": circumstances.run}
"""By name: seed, numbers of the batches, and the other side of the function. Each returns its
figures as text, and raises `Violation` at the first batch that breaks a promise."""
