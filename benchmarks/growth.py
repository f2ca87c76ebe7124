"""From 10 to 100,000 events through the built function: processor time and memory must stay flat.

The function runs in the worker itself, in batches of ten as SQS sends them: of all drivers this one
adds least of its own. The gateway answers at once. A batch of the floor runs now and then between:
a run of minutes meets a machine that changes, and what both share is the machine's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.figures import Figure, Target
from benchmarks.lab import Lab, Worker

BATCH = 10
WARM_INVOCATIONS = 1000
_BETWEEN_FLOORS = 10


@dataclass(slots=True)
class Growth:
    """Seconds of processor time per record and its ratio to the floor's, by number of events;
    resident bytes after each invocation."""

    cpu: dict[int, list[float]] = field(default_factory=dict)
    over_floor: dict[int, list[float]] = field(default_factory=dict)
    rss: list[int] = field(default_factory=list)


def measure(lab: Lab, most: int) -> Growth:
    found = Growth()
    with lab.serving(0) as serving, serving.workers("handler", "floor") as workers:
        for worker in workers.values():
            for _ in range(20):
                worker.run(BATCH)
        events = 10
        while events <= most:
            # Short runs are repeated, or one pause of the machine would be all that they show.
            for _ in range(max(1, min(30, 3000 // events))):
                cpu, floor = _run(events // BATCH, workers["handler"], workers["floor"], found.rss)
                found.cpu.setdefault(events, []).append(cpu)
                found.over_floor.setdefault(events, []).append(cpu / floor)
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
    """The targets of this part."""
    middles = [Figure.of(values).middle for values in found.over_floor.values()]
    middle = Figure.of(middles).middle
    spread = max(abs(one / middle - 1) for one in middles) * 100
    rows = [
        Target(
            f"CPU per record, 10 to {max(found.cpu):,} events, largest deviation",
            Figure.alone(spread),
            10,
            " %",
            cause="see the spread in *Growth*.",
        )
    ]
    if len(found.rss) > WARM_INVOCATIONS + 100:
        # Tens of invocations, not single ones: pages come and go.
        start, end = (Figure.of(found.rss[at : at + 100]).middle for at in (100, WARM_INVOCATIONS))
        grown = (end - start) / 1024
        rows.append(
            Target(
                f"memory grown over {WARM_INVOCATIONS - 100:,} warm invocations",
                Figure.alone(grown),
                1024,
                " KiB",
            )
        )
    return rows
