"""From 10 to 100,000 events through the built function: processor time and memory must stay flat.

The function runs in the worker itself, in batches of ten as SQS sends them: of all drivers this one
adds least of its own. The gateway answers at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.figures import Figure, Target
from benchmarks.lab import Lab

BATCH = 10
WARM_INVOCATIONS = 1000


@dataclass(slots=True)
class Growth:
    """Seconds of processor time per record by number of events, and resident bytes over time."""

    cpu: dict[int, list[float]] = field(default_factory=dict)
    rss: list[int] = field(default_factory=list)


def measure(lab: Lab, most: int) -> Growth:
    found = Growth()
    with lab.serving(0) as serving, serving.workers("handler") as workers:
        worker = workers["handler"]
        for _ in range(20):
            worker.run(BATCH)
        events = 10
        while events <= most:
            # Short runs are repeated, or one pause of the machine would be all that they show.
            for _ in range(max(1, min(30, 3000 // events))):
                used = 0.0
                for _ in range(events // BATCH):
                    sample = worker.run(BATCH)
                    used += sample.cpu
                    found.rss.append(sample.rss)
                found.cpu.setdefault(events, []).append(used / events)
            events *= 10
    return found


def targets(found: Growth) -> list[Target]:
    """The targets of this part."""
    middles = [Figure.of(values).middle for values in found.cpu.values()]
    spread = max(abs(one / middles[-1] - 1) for one in middles) * 100
    rows = [
        Target(
            f"CPU per record, 10 to {max(found.cpu):,} events, largest deviation",
            Figure(spread, spread, spread, 1),
            10,
            " %",
        )
    ]
    if len(found.rss) > WARM_INVOCATIONS + 100:
        # Tens of invocations, not single ones: pages come and go.
        start, end = (Figure.of(found.rss[at : at + 100]).middle for at in (100, WARM_INVOCATIONS))
        grown = (end - start) / 1024
        rows.append(
            Target(
                f"memory grown over {WARM_INVOCATIONS - 100:,} warm invocations",
                Figure(grown, grown, grown, 1),
                1024,
                " KiB",
            )
        )
    return rows
