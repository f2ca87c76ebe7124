"""The same payments in the simulation as on the local stack, and how far the two are apart."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median
from typing import Final

from cancel_payment.decision import SlowRetry
from cancel_payment.model import Evidence, Result
from cancel_payment.result_codes import CANCEL_WINDOW_EXCEED

from benchmarks.scale.gateway import THROTTLED, TOO_LATE, Disturbance, Kind, Story
from benchmarks.scale.load import Payment
from benchmarks.scale.setup import UNLIMITED, Setup
from benchmarks.scale.simulation import Simulation

PAYMENTS: Final = 400
SECONDS: Final = 100.0
GATEWAY_TIMEOUT: Final = 2
# What the gateway does to everything, from second to second, and how the stand-in calls it.
OUTAGES: Final = (
    (Kind.UNKNOWN, "unknown", 40.0, 60.0),
    (Kind.SILENT, "no_answer", 78.0, 92.0),
)
SLOW: Final = SlowRetry(timedelta(seconds=10), timedelta(seconds=20))
CONCURRENCY: Final = 2
RUNS: Final = 10
MOST: Final = 0.05

_FAILED = Result("F", Evidence.SIGNED, code="PROCESS_FAIL")
# The stand-in does by the id what the story says; shares of a hundred.
STORIES: Final[dict[str, tuple[int, Story]]] = {
    "SUCCEEDS": (20, Story()),
    "SLOW-1": (8, Story(delay=1.0)),
    "UNKNOWN-2": (20, Story(times=2)),
    "UNKNOWN-5": (12, Story(times=5)),
    "UNKNOWN-14": (16, Story(times=14)),
    "THROTTLED-2": (12, Story(meanwhile=THROTTLED, times=2)),
    "FAILS-PROCESS_FAIL": (7, Story(final=_FAILED)),
    f"FAILS-{CANCEL_WINDOW_EXCEED}": (5, Story(final=TOO_LATE)),
}


@dataclass(frozen=True, slots=True)
class Overhead:
    """What the machine itself takes, in seconds: measured on the stack, given to the simulation."""

    before: float
    latency: float
    effects: float


@dataclass(frozen=True, slots=True)
class Seen:
    """One payment, on either side; moments in seconds since the first event."""

    scenario: str
    arrives: float
    attempts: int
    rounds: int
    tracked: bool
    outcome: str
    resolved_at: float


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `judged` if the two have to agree."""

    name: str
    stack: float
    simulation: float
    judged: bool = True

    @property
    def deviation(self) -> float:
        return abs(self.simulation - self.stack) / self.stack if self.stack else 0.0


def chosen(seed: int) -> list[tuple[float, str]]:
    """Scenario by moment."""
    dice = random.Random(f"{seed}/validation")
    bag = [name for name, (share, _) in STORIES.items() for _ in range(share * PAYMENTS // 100)]
    dice.shuffle(bag)
    return [(SECONDS * place / len(bag), name) for place, name in enumerate(bag)]


def simulated(
    events: Sequence[tuple[float, str]],
    outages: Sequence[Disturbance],
    start: datetime,
    overhead: Overhead,
    seed: int,
) -> list[Seen]:
    """The events of a run of the stack, at the moments at which they were put on its bus."""
    setup = Setup(
        concurrency=CONCURRENCY,
        slow=SLOW,
        gateway_timeout=GATEWAY_TIMEOUT,
        before=overhead.before,
        effects=overhead.effects,
        idle_poll=1.0,
        execution_delay=0.15,
        oldest_first=True,
        quotas=UNLIMITED,
    )
    names = [name for _, name in events]
    payments = [Payment(at, 24 * 3600.0, STORIES[name][1]) for at, name in events]
    Simulation(
        setup,
        start,
        payments,
        seed=seed,
        disturbances=outages,
        latency=overhead.latency,
        spread=0.0,
    ).run(3600)
    return [
        Seen(name, one.arrives, len(one.attempts), one.rounds, one.tracked, one.ended, one.ended_at)
        for name, one in zip(names, payments, strict=True)
    ]


def rows(stack: Sequence[Seen], runs: Sequence[Sequence[Seen]]) -> list[Row]:
    """The figures side by side; the simulation's are the mean of its runs."""
    found = []
    for name, figure in _figures(stack).items():
        ours = fmean(_figures(run)[name] for run in runs)
        found.append(Row(name, figure, ours, judged="at once" not in name))
    return found


def _figures(seen: Sequence[Seen]) -> dict[str, float]:
    took = [one.resolved_at - one.arrives for one in seen]
    found: dict[str, float] = {
        "attempts": sum(one.attempts for one in seen),
        "executions": sum(one.tracked for one in seen),
        "tracker rounds": sum(one.rounds for one in seen),
        "time to resolution, mean, s": fmean(took),
        "time to resolution, median, s": median(took),
        "until the last is resolved, s": max(one.resolved_at for one in seen),
    }
    for outcome in ("CANCELLED", "FAILED", "REFUND_REQUIRED"):
        found[f"ended {outcome}"] = sum(one.outcome == outcome for one in seen)
    for scenario in ("UNKNOWN-2", "UNKNOWN-5", "UNKNOWN-14", "THROTTLED-2"):
        of = [one for one in seen if one.scenario == scenario]
        found[f"`{scenario}`, attempts each"] = fmean(one.attempts for one in of)
        found[f"`{scenario}`, mean time, s"] = fmean(one.resolved_at - one.arrives for one in of)
    once = [one.resolved_at - one.arrives for one in seen if one.attempts == 1]
    found["answered at once, median time, s"] = median(once)
    return found
