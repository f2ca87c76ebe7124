"""The definition, the reference evaluator of its expressions, and executions on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.statemachine import definition
from tests.statemachine.machine import Machine
from tests.statemachine.reference import Reference

type Tracked = Callable[..., dict[str, Any]]
type Machines = Callable[..., Machine]


def load(closing_call_seconds: int = 900) -> dict[str, Any]:
    return definition.load(
        PaymentTimeoutsQueueUrl="queue-url",
        OutcomeBusName="outcome-bus",
        Partition="aws",
        ClosingCallSeconds=str(closing_call_seconds),
    )


@pytest.fixture(scope="session")
def retries(states: dict[str, definition.State]) -> int:
    """How often a send that fails is tried again; the times that follow from it are judged."""
    [rule] = states["RequestAttempt"]["Retry"]
    number: int = rule["MaxAttempts"]
    return number


@pytest.fixture(scope="session")
def states() -> dict[str, definition.State]:
    """The states, placeholders filled with names of nothing."""
    found: dict[str, definition.State] = load()["States"]
    return found


@pytest.fixture(scope="session")
def reference() -> Iterator[Reference]:
    with Reference() as evaluator:
        yield evaluator


@pytest.fixture
def machine(reference: Reference) -> Machines:
    """A machine, by its closing call and its randomness."""

    def make(closing_call_seconds: int = 900, random: float = 0.5, backoff: float = 0.5) -> Machine:
        return Machine(load(closing_call_seconds), reference, random, backoff)

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
