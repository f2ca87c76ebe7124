"""A backlog of 20,000 events against a gateway at a tenth of its speed: the figures.

`python -m tests.faults.backpressure` prints them from the simulation; `--emulator 3000` lets so
many events through the deployed local stack as well, with the stand-in ten times as slow.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from tests.faults.simulation import Case, Figures, Gateway, Simulation

BACKLOG = 20_000
UTC8 = timezone(timedelta(hours=8))
MAX_RECEIVE_COUNT = 100
_DAY = 26 * 3600.0


@dataclass(frozen=True)
class Situation:
    """A gateway, how long it is slow, when it begins, and how many batches run at a time.

    `near`: how many of the backlog were made before midnight; their window closes at 00:15.
    """

    name: str
    latency: float
    rate: float
    slow_for: float
    starts: datetime
    concurrency: int = 10
    near: int = 0

    def run(self, seed: int = 1) -> tuple[list[Case], Figures]:
        def share(at: float) -> float:
            return 0.1 if at < self.slow_for else 1.0

        midnight = self.starts.replace(hour=0, minute=0, second=0)
        created = [
            midnight - timedelta(minutes=5) if number < self.near else self.starts
            for number in range(BACKLOG)
        ]
        gateway = Gateway(self.latency, self.rate, share)
        simulation = Simulation(self.starts, created, gateway, self.concurrency, seed)
        return simulation.cases, simulation.run(_DAY)


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC8)
FIVE_PAST = datetime(2026, 11, 23, 0, 5, tzinfo=UTC8)
HOUR = 3600.0
SITUATIONS = [
    Situation("0.1 s becomes 1 s, no limit to its rate", 0.1, 1e6, HOUR, NOON),
    Situation("0.5 s becomes 5 s, no limit to its rate", 0.5, 1e6, HOUR, NOON),
    Situation("100 a second become 10", 0.1, 100, HOUR, NOON),
    Situation("100 a second become 10, 20 batches", 0.1, 100, HOUR, NOON, 20),
    Situation("1 s becomes 10 s, beyond the timeout, an hour", 1.0, 1e6, HOUR, NOON),
    Situation(
        "1 s becomes 10 s, beyond the timeout, an hour, 50 batches", 1.0, 1e6, HOUR, NOON, 50
    ),
]
CUTOFFS = [
    Situation("1 s, 10 batches", 0.1, 1e6, HOUR, FIVE_PAST, 10, 2000),
    Situation("5 s, 10 batches", 0.5, 1e6, HOUR, FIVE_PAST, 10, 2000),
    Situation("5 s, 50 batches", 0.5, 1e6, HOUR, FIVE_PAST, 50, 2000),
    Situation("10 a second, 10 batches", 0.1, 100, HOUR, FIVE_PAST, 10, 2000),
    Situation("10 a second, 50 batches", 0.1, 100, HOUR, FIVE_PAST, 50, 2000),
]


def report(situation: Situation, cases: list[Case], figures: Figures) -> str:
    ends = Counter(one.ended or "open" for one in cases)
    beyond = [gap - wait for gap, wait in zip(figures.gaps, figures.waits, strict=True)]
    lines = [
        situation.name,
        f"  ends: {dict(ends)}, last after {figures.ended_at / 60:.1f} min; "
        f"{figures.attempts} attempts, {figures.tracked} handed to the tracker, "
        f"{figures.doubled} put back twice",
        f"  receives of one message: at most {figures.receives} of {MAX_RECEIVE_COUNT}",
    ]
    if figures.gaps:
        lines += [
            f"  fast intervals as scheduled: {_spread(figures.scheduled)}",
            f"  as sent: {_spread(figures.gaps)}, of which the queue's own delay "
            f"{_spread(figures.waits)}; the rest {_spread(beyond)}",
        ]
    return "\n".join(lines)


def report_cutoff(situation: Situation, cases: list[Case]) -> str:
    near, far = cases[: situation.near], cases[situation.near :]
    in_time = sum(bool(one.attempts) and one.attempts[0] < one.cutoff for one in near)
    return (
        f"  {situation.name:26} asked in time {in_time / len(near):4.0%}; ended "
        f"{dict(Counter(one.ended or 'open' for one in near))}; first attempt at most "
        f"{_latest(near):.0f} s after the start (the others: {_latest(far):.0f} s)"
    )


def _latest(cases: Iterable[Case]) -> float:
    return max(one.attempts[0] for one in cases if one.attempts)


def _spread(values: list[float]) -> str:
    ordered = sorted(values)
    middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return f"{ordered[0]:.1f} / {middle:.1f} / {high:.1f} / {ordered[-1]:.1f} s"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.backpressure")
    parser.add_argument("--emulator", type=int, default=0, metavar="EVENTS")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{BACKLOG} events at once, the gateway at a tenth of its speed for an hour")
    print("(spreads: least / median / 99 % / most)")
    for situation in SITUATIONS:
        print(report(situation, *situation.run(options.seed)), flush=True)
    print("2,000 of them ten minutes before their cutoff, 18,000 a day before it:")
    for situation in CUTOFFS:
        print(report_cutoff(situation, situation.run(options.seed)[0]), flush=True)
    if options.emulator:
        from tests.faults.emulator_backlog import backlog

        print(backlog(options.emulator), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
