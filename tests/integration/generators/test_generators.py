"""A few seconds of each generator; `make test-generators` runs them for longer."""

from __future__ import annotations

import pytest

from tests.conftest import KeyPair
from tests.integration.generators.runs import RUNS
from tests.integration.generators.secrets import Material
from tests.support.aws import AwsDouble

SEED = 1


@pytest.mark.parametrize(
    ("name", "batches"),
    [
        ("gateway", range(25)),
        ("gateway", range(106, 131)),  # over TLS
        ("circumstances", range(4)),
        ("secrets", range(25)),
        ("messages", range(25)),
    ],
)
def test_nothing_hurts_what_is_beside_it(
    name: str, batches: range, aws: AwsDouble, ours: KeyPair, theirs: KeyPair
) -> None:
    RUNS[name](Material(ours, theirs), aws, SEED, batches)
