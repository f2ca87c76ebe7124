"""The definition, the reference evaluator of its expressions, and executions on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.statemachine import definition
from tests.statemachine.reference import Reference
from tests.statemachine.run import Run

type Tracked = Callable[..., dict[str, Any]]
type Machines = Callable[..., Callable[..., Run]]


@pytest.fixture(scope="session")
def states() -> dict[str, definition.State]:
    """The states, placeholders filled with names of nothing."""
    found: dict[str, definition.State] = definition.load()["States"]
    return found


@pytest.fixture(scope="session")
def reference() -> Iterator[Reference]:
    with Reference() as evaluator:
        yield evaluator


@pytest.fixture
def machine(reference: Reference) -> Machines:
    """What runs executions, by the seconds of its closing call, its randomness and its backoff."""

    def make(seconds: int = 900, **chances: float) -> Callable[..., Run]:
        return partial(Run, definition.load(seconds), reference, **chances)

    return make


@pytest.fixture
def tracked() -> Tracked:
    """The input of an execution as the function starts it, with changes by name."""

    def make(**changes: Any) -> dict[str, Any]:
        fields = {
            "payment": {
                "paymentRequestId": "20200101234567890000",
                "paymentId": "202001011234567890120188000000001",
                "paymentCreateTime": "2026-11-22T23:41:07+08:00",
            },
            "cutoffAt": "2026-11-22T16:15:00.000Z",
            "firstAttemptAt": "2026-11-22T15:56:08.120Z",
            "attempts": 12,
            "nextAttemptAt": "2026-11-22T15:58:00.000Z",
        }
        return {**fields, **changes}

    return make
