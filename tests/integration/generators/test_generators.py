"""A few seconds of each generator; `make test-generators` runs them for longer."""

from __future__ import annotations

import pytest

from tests.integration.generators.runs import RUNS
from tests.support.aws import AwsDouble
from tests.support.signer import Signer

SEED = 1


@pytest.mark.parametrize(
    ("name", "batches"),
    [
        ("gateway", range(25)),
        ("gateway", range(106, 131)),  # over TLS
        ("circumstances", range(4)),
    ],
)
def test_nothing_hurts_what_is_beside_it(
    name: str, batches: range, aws: AwsDouble, signer: Signer
) -> None:
    RUNS[name](SEED, batches, aws, signer)
