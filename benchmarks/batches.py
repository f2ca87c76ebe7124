"""Batches of 10 and of 100 against one round trip, the floor and the official SDK."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figure, Target, ratio
from benchmarks.lab import BEFORE, Sample, serving

LATENCY_MS = 100


@dataclass(slots=True)
class Batches:
    """All samples, by who ran them and their size, in the order of the rounds."""

    samples: dict[tuple[str, int], list[Sample]] = field(default_factory=lambda: defaultdict(list))
    verified: int = 0

    def wall(self, who: str, size: int) -> list[float]:
        return [one.wall for one in self.samples[who, size]]

    def cpu(self, who: str, size: int) -> list[float]:
        """Processor time per record."""
        return [one.cpu / size for one in self.samples[who, size]]

    def over_trip(self, who: str, size: int) -> Figure | None:
        """Time by the clock over that of one round trip, which is the floor's single call."""
        trip = Figure.of(self.wall("floor", 1)).middle
        wall = self.wall(who, size)
        return Figure.of(one / trip for one in wall) if wall else None


def measure(builds: list[Path], rounds: int, sdk_rounds: int) -> Batches:
    """Interleaved: in each round every client runs once, so drift of the machine meets all."""
    found, this = Batches(), builds[0]
    clients = {
        "floor": ("floor", this),
        "attempts": ("attempts", this),
        "handler": ("handler", this),
    }
    if BEFORE in builds:
        clients |= {f"{one}_before": (one, BEFORE) for one in ("attempts", "handler")}
    with serving(LATENCY_MS) as servers:
        for size in (10, 100):
            # Processes of their own for each size: threads of a burst of 100 would share out the
            # batches of 10 among them and let most connections grow old.
            with servers.workers(**clients) as workers:
                for _ in range(rounds if size == 10 else max(rounds // 2, 3)):
                    found.samples["floor", 1].append(workers["floor"].warm(1))
                    for who, worker in workers.items():
                        found.samples[who, size].append(worker.warm(size))
        with servers.workers(sdk=("sdk", this), attempts=("attempts", this)) as workers:
            for _ in range(sdk_rounds):
                beside = workers["attempts"].warm(10)
                found.samples["attempts beside the SDK", 10].append(beside)
                found.samples["sdk", 10].append(workers["sdk"].warm(10))
    found.verified = servers.verified
    return found


def targets(found: Batches) -> list[Target]:
    def over_floor(who: str, size: int) -> Figure | None:
        cpu = found.cpu(who, size)
        return ratio(cpu, found.cpu("floor", size)) if cpu else None

    rows = []
    for name, measured, limits in (
        ("wall over one round trip", found.over_trip, {10: 1.15, 100: 1.6}),
        ("CPU per record over the floor", over_floor, {10: 1.5, 100: 1.5}),
    ):
        for size, limit in limits.items():
            value, before = measured("attempts", size), measured("attempts_before", size)
            assert value is not None
            rows.append(Target(f"batch of {size}, {name}", value, limit, " x", before=before))
    sdk = ratio(found.cpu("sdk", 10), found.cpu("attempts beside the SDK", 10))
    return [*rows, Target("CPU per record, SDK over ours", sdk, 40, " x", at_least=True)]
