"""A billion events a month for a day, what goes wrong in it, and how the stack is set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Final

from benchmarks.scale.gateway import Disturbance, Kind
from benchmarks.scale.load import payments
from benchmarks.scale.setup import Quotas, Setup
from benchmarks.scale.simulation import Simulation

UTC8 = timezone(timedelta(hours=8))
START: Final = datetime(2026, 11, 23, 6, tzinfo=UTC8)
HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
# The last payments come just before the second morning; their window closes at the third midnight.
UNTIL: Final = 43 * HOUR
CUTOFF: Final = 18.25 * HOUR
SCALE: Final = 1000
SEED: Final = 1
GATEWAY_RATE: Final = 2000.0
"""Calls a second that the gateway takes, since Alipay+ publishes none: five times the mean."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that happens to the gateway; hours by the clock of the first day."""

    name: str
    title: str
    disturbance: Disturbance | None = None


def _from(kind: Kind, begins: float, hours: float, rate: float = GATEWAY_RATE) -> Disturbance:
    first = (begins - START.hour) * HOUR
    return Disturbance(kind, first, first + hours * HOUR, rate)


SCENARIOS: Final = (
    Scenario("ordinary", "an ordinary day with two bursts"),
    Scenario("silent", "three hours without an answer", _from(Kind.SILENT, 12, 3)),
    Scenario("refuses", "three hours of refused connections", _from(Kind.REFUSES, 12, 3)),
    Scenario(
        "slow",
        "three hours at a tenth of the gateway's rate, calls wait",
        _from(Kind.SLOW, 12, 3, GATEWAY_RATE / 10),
    ),
    Scenario(
        "throttles",
        "three hours at a tenth of the gateway's rate, calls are refused by code",
        _from(Kind.THROTTLES, 12, 3, GATEWAY_RATE / 10),
    ),
    Scenario("before", "three hours without an answer, until 23:45", _from(Kind.SILENT, 20.75, 3)),
    Scenario("across", "three hours without an answer, from 22:00", _from(Kind.SILENT, 22, 3)),
)

RAISED: Final = Quotas(
    start_size=5000,
    start_refill=1500,
    tell_size=10_000,
    tell_refill=10_000,
    transition_size=30_000,
    transition_refill=30_000,
    open_executions=5_000_000,
    in_flight=240_000,
)
"""What to ask AWS for where no quota is to be met in these scenarios."""

SETUPS: Final = {
    "10": Setup(concurrency=10),
    "60": Setup(concurrency=60),
    "1,000": Setup(concurrency=1000),
    "1,000, quotas raised": Setup(concurrency=1000, quotas=RAISED),
}
"""By `MaximumConcurrency`; the template's default first."""


def runs() -> Iterator[tuple[str, str]]:
    """Each scenario with each setup, by their names; raised quotas where others are met most."""
    for scenario in SCENARIOS:
        for setup in SETUPS:
            if SETUPS[setup].quotas is not RAISED or scenario.name in ("refuses", "throttles"):
                yield scenario.name, setup


def simulate(scenario: str, setup: str, scale: float = SCALE) -> Simulation:
    found = next(one for one in SCENARIOS if one.name == scenario)
    return Simulation(
        replace(SETUPS[setup], scale=scale),
        START,
        payments(START, DAY, scale, SEED),
        seed=SEED,
        disturbances=[found.disturbance] if found.disturbance else [],
        rate=GATEWAY_RATE,
    ).run(UNTIL)
