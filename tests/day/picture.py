"""The attempts of the day as a picture: on the clock, by their distance, and around the cutoff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.day.payments import Attempt

type Rows = Mapping[str, list[Attempt]]

COLOURS = ("#33658a", "#2a8c55", "#b5541c")
CLOSED, RULE, TEXT = "#c0392b", "#d9e2ea", "#33373d"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    # The ids in the file would otherwise be others each time.
    "svg.hashsalt": "virtual day",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 9,
    "text.color": TEXT,
    "axes.edgecolor": "#9aa3ad",
    "axes.labelcolor": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
# Where the second attempt is drawn: the first has an age of nothing, which no such axis shows.
SOONEST = 3.0
AGES = {5: "5 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 21600: "6 h", 86400: "24 h"}
WAITS = {5: "5 s", 10: "10 s", 30: "30 s", 60: "1 min", 300: "5 min", 900: "15 min"}


def draw(rows: Rows, midnight: datetime, cutoff: datetime, target: Path) -> None:
    """Write the picture, as SVG.

    Parameters
    ----------
    rows
        The attempts of each payment, under the name that the picture gives it.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(10, 8.4), facecolor="white", layout="constrained")
        whole, distances, end = figure.subplots(3, 1, height_ratios=[1.0, 2.1, 0.9])
        span = timedelta(hours=1)
        _on_the_clock(whole, rows, midnight, cutoff, (midnight - span / 2, cutoff + span))
        whole.set_title("Every attempt of a day, by the clock in UTC+8", loc="left", weight="bold")
        whole.set_xticks([hour * 3600 for hour in range(0, 25, 4)])
        _by_distance(distances, rows)
        span = timedelta(minutes=3)
        late = {name: made for name, made in rows.items() if made[-1].status != "S"}
        _on_the_clock(end, late, midnight, cutoff, (cutoff - timedelta(minutes=26), cutoff + span))
        end.set_title("The last half hour of the window", loc="left", weight="bold")
        end.set_xticks([(23 * 60 + 50 + minutes) * 60 for minutes in range(0, 30, 5)])
        _mark_the_end(end, midnight, cutoff)
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, format="png", dpi=110, metadata={"Software": None})


def _on_the_clock(
    axes: Axes, rows: Rows, midnight: datetime, cutoff: datetime, shown: tuple[datetime, datetime]
) -> None:
    def clock(moment: datetime) -> float:
        return (moment - midnight).total_seconds()

    for place, made in enumerate(rows.values()):
        colour = COLOURS[place if len(rows) == len(COLOURS) else 2 * place]
        times = [clock(one.sent_at) for one in made]
        axes.vlines(times, place - 0.32, place + 0.32, colors=colour, linewidth=0.9)
        if made[-1].status == "S":
            axes.plot(times[-1], place, "o", color=colour, markersize=6)
            axes.text(times[-1] + 900, place, "cancelled", va="center", color=colour)
    axes.axvline(clock(cutoff), color=CLOSED, linewidth=1.2)
    axes.axvspan(clock(cutoff), clock(shown[1]), color=CLOSED, alpha=0.08, linewidth=0)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlim(clock(shown[0]), clock(shown[1]))
    axes.xaxis.set_major_formatter(_time_of_day)


def _mark_the_end(axes: Axes, midnight: datetime, cutoff: datetime) -> None:
    closes = (cutoff - midnight).total_seconds()
    axes.axvline(86400, color="#9aa3ad", linewidth=0.9, linestyle=(0, (4, 3)))
    for moment, text, side, colour in (
        (86400, " midnight", "left", TEXT),
        (closes - 30, "last attempt 00:14:30", "right", TEXT),
        (closes, " cutoff 00:15", "left", CLOSED),
    ):
        axes.text(moment, -0.62, text, ha=side, va="bottom", fontsize=8, color=colour)


def _by_distance(axes: Axes, rows: Rows) -> None:
    ages = [60 * 1.05**step for step in range(0, 150) if 60 * 1.05**step < 87300]
    longest = [min(age, 900) for age in ages]
    axes.fill_between([SOONEST * 0.85, 60], 5, 10, color=RULE, linewidth=0)
    axes.fill_between(ages, [each / 2 for each in longest], longest, color=RULE, linewidth=0)
    for colour, (name, made) in zip(COLOURS, rows.items(), strict=True):
        later = made[1:]
        axes.plot(
            [max(one.age, SOONEST) for one in later],
            [one.gap for one in later],
            "o",
            color=colour,
            markersize=3.5,
            alpha=0.75,
            markeredgewidth=0,
            label=name,
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(list(AGES), list(AGES.values()))
    axes.set_yticks(list(WAITS), list(WAITS.values()))
    axes.minorticks_off()
    for age, distance, text in (
        (6.0, 11.5, "the first minute: 5 to 10 s apart"),
        (4.0, 62, "throttled: no first minute"),
        (330, 85, "then half to all of the age, by chance,"),
        (330, 65, "so that it doubles"),
        (2400, 1000, "at most a quarter of an hour"),
    ):
        axes.text(age, distance, text, fontsize=8, color="#6b7580")
    axes.set_xlim(SOONEST * 0.85, 130_000)
    axes.set_ylim(3.5, 1500)
    axes.set_xlabel("how old the payment's first attempt is when the next one is decided on")
    axes.set_title(
        "How long each attempt waits (shaded: the rule; the last before the cutoff is cut short)",
        loc="left",
        weight="bold",
    )
    axes.legend(loc="lower right", frameon=False)


def _time_of_day(seconds: float, _: object) -> str:
    minutes = round(seconds / 60) % 1440
    return f"{minutes // 60:02}:{minutes % 60:02}"
