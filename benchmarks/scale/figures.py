"""What a run has shown, at full size: counts by window, samples, and which limit was met when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

WINDOW = 300.0


@dataclass(slots=True)
class Sample:
    """One look at everything, at the end of a window."""

    at: float
    visible: float
    in_flight: float
    oldest: float
    executions: float


@dataclass
class Figures:
    """Counts are of the simulation's own events; what is read out is multiplied by `scale`."""

    scale: float
    samples: list[Sample] = field(default_factory=list)
    hits: dict[str, float] = field(default_factory=dict)
    """Limits that were met, by the second of the first time."""
    _counts: dict[str, Counter[int]] = field(default_factory=dict)

    def count(self, name: str, now: float, number: float = 1) -> None:
        counts = self._counts.setdefault(name, Counter())
        counts[int(now // WINDOW)] += number  # type: ignore[assignment]

    def hit(self, limit: str, now: float) -> None:
        self.hits.setdefault(limit, now)

    def total(self, name: str) -> float:
        return sum(self._counts.get(name, Counter()).values()) * self.scale

    def rates(self, name: str) -> list[tuple[float, float]]:
        """The middle of each window, and what happened in it per second."""
        counts = self._counts.get(name, Counter())
        last = max((max(one, default=0) for one in self._counts.values()), default=0)
        each = self.scale / WINDOW
        return [((number + 0.5) * WINDOW, counts[number] * each) for number in range(last + 1)]

    def peak(self, name: str) -> float:
        """The most per second, over a window."""
        return max((rate for _, rate in self.rates(name)), default=0.0)
