"""From 10 to 100,000 events through the built function: processor time and memory must stay flat.

In batches of ten as SQS sends them; the gateway answers at once. A batch of the floor runs now and
then between: a run of minutes meets a machine that changes, and what both share is the machine's.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks.figures import Figure, Target
from benchmarks.lab import THIS, Worker, serving

BATCH = 10
WARM, SETTLED = 100, 1000
_BETWEEN_FLOORS = 10


@dataclass(slots=True)
class Growth:
    """Seconds of processor time per record and its ratio to the floor's, by number of events;
    resident bytes after each invocation."""

    cpu: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    over_floor: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    rss: list[int] = field(default_factory=list)


def measure(most: int) -> Growth:
    found = Growth()
    with (
        serving(0) as servers,
        servers.workers(handler=("handler", THIS), floor=("floor", THIS)) as workers,
    ):
        for worker in workers.values():
            for _ in range(20):
                worker.run(BATCH)
        events = 10
        while events <= most:
            # Short runs are repeated, or one pause of the machine would be all that they show.
            for _ in range(max(1, min(30, 3000 // events))):
                cpu, floor = _run(events // BATCH, workers["handler"], workers["floor"], found.rss)
                found.cpu[events].append(cpu)
                found.over_floor[events].append(cpu / floor)
            events *= 10
    return found


def _run(batches: int, handler: Worker, floor: Worker, rss: list[int]) -> tuple[float, float]:
    """Processor time per record of the function and of the floor beside it."""
    cpu, beside = 0.0, []
    for number in range(batches):
        if number % _BETWEEN_FLOORS == 0:
            beside.append(floor.run(BATCH, collect=False).cpu)
        sample = handler.run(BATCH, collect=False)
        cpu += sample.cpu
        rss.append(sample.rss)
    return cpu / batches / BATCH, sum(beside) / len(beside) / BATCH


def targets(found: Growth) -> list[Target]:
    middles = [Figure.of(values).middle for values in found.over_floor.values()]
    middle = Figure.of(middles).middle
    spread = max(abs(one / middle - 1) for one in middles) * 100
    name = f"CPU per record, 10 to {max(found.cpu):,} events, largest deviation"
    rows = [Target(name, Figure.of([spread]), 10, " %")]
    if len(found.rss) > SETTLED + 100:
        # A hundred invocations, not single ones: pages come and go.
        start, end = (Figure.of(found.rss[at : at + 100]).middle for at in (WARM, SETTLED))
        name = f"memory grown over {SETTLED - WARM} warm invocations"
        rows.append(Target(name, Figure.of([(end - start) / 1024]), 1024, " KiB"))
    return rows
