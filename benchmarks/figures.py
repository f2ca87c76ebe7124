"""Medians with their spread, and targets that were met or missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Self


@dataclass(frozen=True, slots=True)
class Figure:
    """A median, the quartiles around it, and of how many."""

    middle: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        kept = list(values)
        if len(kept) < 2:
            return cls(kept[0], kept[0], kept[0], 1)
        low, _, high = quantiles(kept, n=4, method="inclusive")
        return cls(median(kept), low, high, len(kept))

    @classmethod
    def alone(cls, value: float) -> Self:
        """A value that is no median."""
        return cls(value, value, value, 1)

    def shown(self, unit: str = "", scale: float = 1) -> str:
        digits = _digits(self.middle * scale)
        text = f"{self.middle * scale:.{digits}f}{unit}"
        if self.count == 1:
            return f"{self.middle:g}{unit}" if isinstance(self.middle, int) else text
        return f"{text} ({self.low * scale:.{digits}f} to {self.high * scale:.{digits}f})"


def _digits(value: float) -> int:
    return 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0


def ratio(above: Sequence[float], below: Sequence[float]) -> Figure:
    """The ratio of pairs that were measured one after the other."""
    return Figure.of(a / b for a, b in zip(above, below, strict=True))


@dataclass(frozen=True, slots=True)
class Target:
    """One target of the project and what was measured; `cause`: where a miss comes from."""

    name: str
    measured: Figure
    limit: float
    unit: str = ""
    at_least: bool = False
    cause: str = ""

    @property
    def met(self) -> bool:
        if self.at_least:
            return self.measured.middle >= self.limit
        return self.measured.middle <= self.limit

    def row(self) -> str:
        bound = "at least" if self.at_least else "at most"
        verdict = "met" if self.met else "**missed**"
        limit = f"{bound} {self.limit:g}{self.unit}"
        return f"| {self.name} | {limit} | {self.measured.shown(self.unit)} | {verdict} |"
