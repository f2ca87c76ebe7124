"""Medians with their quartiles, and targets that were met or missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Self


@dataclass(frozen=True, slots=True)
class Figure:
    """A median and the quartiles around it; all the same where there is one value."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        kept = list(values)
        if len(kept) == 1:
            return cls(kept[0], kept[0], kept[0])
        low, middle, high = quantiles(kept, n=4, method="inclusive")
        return cls(middle, low, high)

    def shown(self, unit: str = "", scale: float = 1) -> str:
        middle, low, high = (one * scale for one in (self.middle, self.low, self.high))
        digits = 2 if abs(middle) < 10 else 1 if abs(middle) < 100 else 0
        text = f"{middle:.{digits}f}{unit}"
        return text if low == high else f"{text} ({low:.{digits}f} to {high:.{digits}f})"


def ratio(above: Sequence[float], below: Sequence[float]) -> Figure:
    """The ratio of pairs that were measured one after the other."""
    return Figure.of(a / b for a, b in zip(above, below, strict=True))


@dataclass(frozen=True, slots=True)
class Target:
    """One target of the project and what was measured.

    Attributes
    ----------
    quartiles
        Both quartiles have to be within the limit, not the median alone.
    before
        The same of the other build, where there is one.
    """

    name: str
    measured: Figure
    limit: float
    unit: str = ""
    at_least: bool = False
    quartiles: bool = False
    before: Figure | None = None

    @property
    def met(self) -> bool:
        return self.met_by(self.measured)

    def met_by(self, figure: Figure) -> bool:
        if self.at_least:
            return figure.middle >= self.limit
        return (figure.high if self.quartiles else figure.middle) <= self.limit

    @property
    def bound(self) -> str:
        bound = "at least" if self.at_least else "at most"
        return f"{bound} {self.limit:g}{self.unit}" + (", quartiles too" * self.quartiles)
