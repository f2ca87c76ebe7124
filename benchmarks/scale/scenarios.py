"""A billion events a month for a day, what goes wrong in it, and how the stack is set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Final

from benchmarks.scale.gateway import Disturbance, Kind
from benchmarks.scale.limits import LIMITS
from benchmarks.scale.load import Payment, payments
from benchmarks.scale.setup import Quotas, Setup
from benchmarks.scale.simulation import Simulation

UTC8 = timezone(timedelta(hours=8))
START: Final = datetime(2026, 11, 23, 6, tzinfo=UTC8)
HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
# The last payments come just before the second morning; their window closes at the third midnight.
UNTIL: Final = 44 * HOUR
CUTOFF: Final = 18.25 * HOUR
SCALE: Final = 2000
SEED: Final = 1
GATEWAY_RATE: Final = 2000.0
"""Calls a second that the gateway takes, since Alipay+ publishes none: five times the mean."""
HERD: Final = 100_000


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
KMS: Final = Quotas(sign=LIMITS["sign"].value)

SETUPS: Final = {
    "10": Setup(concurrency=10),
    "60": Setup(concurrency=60),
    "1,000": Setup(concurrency=1000),
    "1,000, quotas raised": Setup(concurrency=1000, quotas=RAISED),
    "25, KMS signs": Setup(concurrency=25, quotas=KMS),
    "60, KMS signs": Setup(concurrency=60, quotas=KMS),
}
"""By `MaximumConcurrency`; the template's default first."""


PLAIN: Final = ("10", "60", "1,000")
ALL: Final = (*PLAIN, "1,000, quotas raised")
BY_KMS: Final = ("25, KMS signs", "60, KMS signs")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that happens to the gateway, and the setups to try it with."""

    title: str
    disturbance: Disturbance | None = None
    setups: tuple[str, ...] = PLAIN


def _from(kind: Kind, begins: float, ends: float, rate: float = GATEWAY_RATE) -> Disturbance:
    """From hour to hour by the clock of the first day."""
    return Disturbance(kind, (begins - START.hour) * HOUR, (ends - START.hour) * HOUR, rate)


def _back(minutes: int) -> Scenario:
    """Three hours without an answer, which end so long before the cutoff (after it: negative)."""
    when = f"{minutes} min before" if minutes > 0 else f"{-minutes} min after"
    ends = 24.25 - minutes / 60
    return Scenario(f"gateway back {when} the cutoff", _from(Kind.SILENT, ends - 3, ends))


TENTH = GATEWAY_RATE / 10
SCENARIOS: Final = {
    "ordinary": Scenario("an ordinary day with two bursts", None, (*PLAIN, *BY_KMS)),
    "silent": Scenario(
        "three hours without an answer",
        _from(Kind.SILENT, 12, 15),
        (*PLAIN, *BY_KMS),
    ),
    "refuses": Scenario("three hours of refused connections", _from(Kind.REFUSES, 12, 15), ALL),
    "slow": Scenario(
        "three hours at a tenth of the gateway's rate, calls wait",
        _from(Kind.SLOW, 12, 15, TENTH),
    ),
    "throttles": Scenario(
        "three hours at a tenth of the gateway's rate, calls are refused by code",
        _from(Kind.THROTTLES, 12, 15, TENTH),
        ALL,
    ),
    "across": Scenario("three hours without an answer, from 22:00", _from(Kind.SILENT, 22, 25)),
    **{f"back {minutes}": _back(minutes) for minutes in (30, 10, 5, 2, -5)},
}


def runs() -> list[tuple[str, str]]:
    """Each scenario with each of its setups, by their names."""
    return [(name, setup) for name, one in SCENARIOS.items() for setup in one.setups]


def simulate(scenario: str, setup: str, scale: float = SCALE) -> Simulation:
    return Simulation(
        replace(SETUPS[setup], scale=scale),
        START,
        payments(START, DAY, scale, SEED),
        seed=SEED,
        disturbance=SCENARIOS[scenario].disturbance,
        rate=GATEWAY_RATE,
    ).run(UNTIL)


def herd(minutes: float, closing_call: float = 900, scale: float = 50) -> Simulation:
    """100,000 payments unknown since an evening's hour of refused connections, all with trackers;
    ten batches at a time, and the gateway back so many minutes before the cutoff."""
    start = START.replace(hour=20)
    cutoff = 4.25 * HOUR
    waiting = (Payment(HOUR * place * scale / HERD, cutoff) for place in range(int(HERD / scale)))
    return Simulation(
        Setup(scale=scale, closing_call=closing_call),
        start,
        waiting,
        seed=SEED,
        disturbance=Disturbance(Kind.REFUSES, 0, cutoff - 60 * minutes),
    ).run(12 * HOUR)
