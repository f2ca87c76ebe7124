"""The plots of docs/scale.md, as SVG that is the same for the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.scale.load import rate
from benchmarks.scale.scenarios import SCENARIOS, START
from benchmarks.scale.summary import Series

type AllSeries = Mapping[tuple[str, str], Series]

COLOURS: Final = {
    "10": "#8a8f96",
    "60": "#33658a",
    "1,000": "#c2571a",
    "1,000, quotas raised": "#2a8c55",
}
STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "scale",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "lines.linewidth": 1.4,
}
ROWS: Final[tuple[tuple[str, str, float], ...]] = (
    ("visible", "messages waiting, millions", 1e6),
    ("executions", "executions, millions", 1e6),
    ("calls", "gateway calls a second", 1),
)

# With ten batches at a time the backlog leaves the picture.
_MOST_SHOWN = 8.0


def outages(found: AllSeries, target: Path) -> None:
    """Four disturbances at noon, by setup."""
    names = ("silent", "refuses", "slow", "throttles")
    titles = ("no answer", "connections refused", "a tenth, waits", "a tenth, told so")
    _grid(found, names, titles, (11.0, 22.0), target)


def cutoff(found: AllSeries, target: Path) -> None:
    """An ordinary day, and two outages at its end."""
    names = ("ordinary", "before", "across")
    titles = ("an ordinary day", "no answer until 23:45", "no answer 22:00 to 01:00")
    _grid(found, names, titles, (6.0, 30.0), target)


def _grid(
    found: AllSeries,
    names: tuple[str, ...],
    titles: tuple[str, ...],
    hours: tuple[float, float],
    target: Path,
) -> None:
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11, 6.6), facecolor="white", layout="constrained")
        panels = figure.subplots(len(ROWS), len(names), sharex=True, sharey="row")
        for column, (name, title) in enumerate(zip(names, titles, strict=True)):
            panels[0][column].set_title(title)
            for row, (measure, label, unit) in enumerate(ROWS):
                axes = panels[row][column]
                _draw(axes, found, name, measure, unit)
                if measure == "calls":
                    _arrivals(axes, hours)
                    axes.set_yscale("log")
                    axes.set_ylim(8, 40_000)
                if column == 0:
                    axes.set_ylabel(label)
                axes.set_xlim(*hours)
                axes.xaxis.set_major_formatter(_clock)
                axes.set_xticks(_ticks(hours))
                if measure == "visible":
                    axes.set_ylim(-0.2, _MOST_SHOWN)
        lines = {
            label: handle
            for axes in panels[-1]
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        labels = [*(name for name in COLOURS if name in lines), "events"]
        figure.legend(
            [lines[label] for label in labels],
            labels,
            title="MaximumConcurrency",
            loc="outside lower center",
            ncols=len(labels),
            frameon=False,
        )
        figure.savefig(target, metadata={"Date": None, "Creator": None})


def _draw(axes: Axes, found: AllSeries, name: str, measure: str, unit: float) -> None:
    disturbance = next(one for one in SCENARIOS if one.name == name).disturbance
    if disturbance:
        begins, ends = (START.hour + at / 3600 for at in (disturbance.begins, disturbance.ends))
        axes.axvspan(begins, ends, color="#f3e3d3", linewidth=0)
    axes.axvline(24.25, color="#c0392b", linewidth=0.9, linestyle=(0, (4, 3)))
    for setup, colour in COLOURS.items():
        one = found.get((name, setup))
        if one is None:
            continue
        values = _smooth([value / unit for value in getattr(one, measure)])
        axes.plot(one.hours, values, color=colour, label=setup)


def _smooth(values: list[float]) -> list[float]:
    """The mean of three windows: a sample's batch is a clump."""
    around = [values[max(0, place - 1) : place + 2] for place in range(len(values))]
    return [sum(one) / len(one) for one in around]


def _arrivals(axes: Axes, hours: tuple[float, float]) -> None:
    moments = [hours[0] + step / 12 for step in range(int((hours[1] - hours[0]) * 12))]
    rates = [rate(hour) if hour < START.hour + 24 else 0.0 for hour in moments]
    axes.plot(moments, rates, color="#33373d", linewidth=0.9, linestyle=":", label="events")


def _ticks(hours: tuple[float, float]) -> list[float]:
    step = 3 if hours[1] - hours[0] < 12 else 6
    return [hour for hour in range(0, 31, step) if hours[0] <= hour <= hours[1]]


def _clock(hour: float, _: object) -> str:
    return f"{int(hour) % 24:02}:00"
