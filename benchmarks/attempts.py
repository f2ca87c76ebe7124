"""Batches of 10 and of 100 against one round trip, the floor and the official SDK."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.figures import Figure, Target, ratio
from benchmarks.lab import Lab, Sample
from benchmarks.materials import verify

KINDS = ("floor", "attempts", "handler")


@dataclass(slots=True)
class Batches:
    """All samples, by kind and size, in the order of the rounds."""

    samples: dict[tuple[str, int], list[Sample]] = field(default_factory=dict)
    verified: int = 0

    def add(self, kind: str, sample: Sample) -> None:
        self.samples.setdefault((kind, sample.size), []).append(sample)

    def wall(self, kind: str, size: int) -> list[float]:
        return [one.wall for one in self.samples.get((kind, size), [])]

    def cpu(self, kind: str, size: int) -> list[float]:
        """Processor time per record."""
        return [one.cpu / size for one in self.samples.get((kind, size), [])]


def measure(lab: Lab, rounds: int, sdk_rounds: int) -> Batches:
    """Interleaved: in each round every client runs once, so drift of the machine meets all."""
    found = Batches()
    with lab.serving(100) as serving:
        for size in (10, 100):
            # Processes of their own for each size: threads of a burst of 100 would share out the
            # batches of 10 among them and let most connections grow old.
            with serving.workers(*KINDS) as workers:
                for worker in workers.values():
                    worker.warm(size)
                for _ in range(rounds if size == 10 else max(rounds // 2, 3)):
                    found.add("floor", workers["floor"].run(1))
                    for kind in KINDS:
                        found.add(kind, workers[kind].warm(size))
        with serving.workers("sdk", "attempts") as workers:
            for worker in workers.values():
                worker.warm(1)
            for _ in range(sdk_rounds):
                found.add("attempts beside the SDK", workers["attempts"].warm(10))
                found.add("sdk", workers["sdk"].run(10))
        found.verified = verify(serving.arrived()["kept"], lab.materials)
    return found


_CAUSE = "Python where the floor has libcurl; see *What is above the floor*."


def targets(found: Batches) -> list[Target]:
    """The targets of this part."""
    trip = Figure.of(found.wall("floor", 1)).middle
    beside = "attempts beside the SDK"

    def trips(kind: str, size: int) -> Figure:
        return Figure.of(wall / trip for wall in found.wall(kind, size))

    def over_floor(kind: str, size: int) -> Figure:
        return ratio(found.cpu(kind, size), found.cpu("floor", size))

    return [
        Target(
            "batch of 10, wall over one round trip", trips("attempts", 10), 1.25, " x", cause=_CAUSE
        ),
        Target(
            "batch of 100, wall over one round trip",
            trips("attempts", 100),
            3.0,
            " x",
            cause=_CAUSE,
        ),
        Target(
            "CPU per record over the floor, batch of 10",
            over_floor("attempts", 10),
            1.6,
            " x",
            cause=_CAUSE,
        ),
        Target("the same, batch of 100", over_floor("attempts", 100), 1.6, " x", cause=_CAUSE),
        Target(
            "CPU per record, SDK over ours",
            ratio(found.cpu("sdk", 10), found.cpu(beside, 10)),
            15,
            " x",
            at_least=True,
            cause=_CAUSE,
        ),
    ]
