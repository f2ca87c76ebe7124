"""What is done to which call, from the seed: the same call gets the same again in every run."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What may happen to one call.

    The first five: it never took effect. The next three: it did, and the caller does not know.
    """

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    DENIED = "denied"
    DROPPED = "dropped"
    KILLED_BEFORE = "killed before"
    ANSWER_LOST = "answer lost"
    ANSWER_IS_AN_ERROR = "answer replaced by an error"
    KILLED_AFTER = "killed after"
    PARTIAL = "partial failure"


KILLS = frozenset({Fault.KILLED_BEFORE, Fault.KILLED_AFTER})
BATCHED = frozenset({"PutEvents", "ChangeMessageVisibilityBatch"})

_REFUSED = [Fault.THROTTLED, Fault.UNAVAILABLE, Fault.DENIED, Fault.DROPPED]
_LOST = [Fault.ANSWER_LOST, Fault.ANSWER_IS_AN_ERROR]


@dataclass(frozen=True, slots=True)
class Throw:
    """A fault, and for how many tries of the same call it lasts: the client tries three times."""

    fault: Fault
    tries: int
    entries: float = 0.0
    """Of a partial failure: the share of entries that fail."""


@dataclass(frozen=True)
class Rates:
    """How many of a thousand calls meet a fault, and how many of a thousand end in a kill."""

    faults: dict[str, int]
    kills: dict[str, int]


ALL = Rates(
    faults={
        "PutEvents": 120,
        "ChangeMessageVisibilityBatch": 120,
        "SendMessage": 150,
        "StartExecution": 250,
        "DescribeExecution": 250,
        "SendTaskSuccess": 200,
        "SendTaskFailure": 300,
        "GetSecretValue": 300,
    },
    kills={"PutEvents": 25, "ChangeMessageVisibilityBatch": 15, "StartExecution": 30}
    | {"SendTaskSuccess": 20, "SendTaskFailure": 20, "SendMessage": 20, "DescribeExecution": 20},
)
KILLS_ONLY = Rates(
    faults={},
    kills={"PutEvents": 300, "ChangeMessageVisibilityBatch": 300}
    | {"StartExecution": 300, "SendTaskSuccess": 300, "SendMessage": 300},
)


@dataclass
class FaultInjector:
    """Throws for the n-th call of each action.

    `active` is set while faults are wanted; `kills_left` bounds the kills of a run.
    """

    seed: int
    rates: Rates
    kills_left: int
    active: bool = False
    thrown: Counter[str] = field(default_factory=Counter)
    _calls: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def throw(self, action: str) -> Throw | None:
        """What happens to this call."""
        with self._lock:
            return self._throw(action) if self.active else None

    def count(self, action: str, fault: str) -> None:
        with self._lock:
            self.thrown[f"{action}: {fault}"] += 1

    def missed(self) -> None:
        """A kill found nobody: the worker was dead already."""
        with self._lock:
            self.kills_left += 1

    def _throw(self, action: str) -> Throw | None:
        self._calls[action] += 1
        injector = random.Random(f"{self.seed}/{action}/{self._calls[action]}")
        if injector.randrange(1000) < self.rates.kills.get(action, 0) and self.kills_left > 0:
            self.kills_left -= 1
            return Throw(injector.choice(sorted(KILLS)), 1)
        if injector.randrange(1000) >= self.rates.faults.get(action, 0):
            return None
        kinds = [*_REFUSED, *_LOST, *_LOST]
        if action in BATCHED:
            kinds += [Fault.PARTIAL] * 4
        fault = injector.choice(kinds)
        return Throw(fault, injector.choice([1, 3, 3]), injector.choice([0.3, 0.6, 1.0]))
