"""The attempts of the day as a picture: on the clock, by their distance, and around the cutoff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.day.recorded_day import Attempt

type Rows = Mapping[str, list[Attempt]]
"""The attempts of each payment, under the name that the picture gives it."""

COLOURS = ("#33658a", "#2a8c55", "#b5541c")
CLOSED, RULE = "#c0392b", "#d9e2ea"
STYLE = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
# Where the second attempt is drawn: the first has an age of nothing, which no such axis shows.
SOONEST = 3.0
AGES = {5: "5 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 21600: "6 h", 86400: "24 h"}
WAITS = {5: "5 s", 10: "10 s", 30: "30 s", 60: "1 min", 300: "5 min", 900: "15 min"}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def draw(rows: Rows, midnight: datetime, cutoff: datetime, target: Path) -> None:
    """Write the picture, as PNG."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(10, 8.4), facecolor="white", layout="constrained")
        whole, distances, end = figure.subplots(3, 1, height_ratios=[1.0, 2.1, 0.9])
        title = "Every attempt of a day, by the clock in UTC+8"
        _on_the_clock(whole, rows, midnight, cutoff, (midnight - HOUR / 2, cutoff + HOUR), 4 * HOUR)
        whole.set_title(title, loc="left", weight="bold")
        _by_distance(distances, rows)
        shown = (cutoff - 26 * MINUTE, cutoff + 3 * MINUTE)
        _on_the_clock(end, rows, midnight, cutoff, shown, 5 * MINUTE)
        end.set_title("The last half hour of the window", loc="left", weight="bold")
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, format="png", dpi=110, metadata={"Software": None})


def _on_the_clock(
    axes: Axes,
    rows: Rows,
    midnight: datetime,
    cutoff: datetime,
    shown: tuple[datetime, datetime],
    step: timedelta,
) -> None:
    def clock(moment: datetime) -> float:
        return (moment - midnight).total_seconds()

    for place, (colour, made) in enumerate(zip(COLOURS, rows.values(), strict=True)):
        axes.eventplot([clock(one.sent_at) for one in made], lineoffsets=place, linelengths=0.6,
                       linewidths=0.9, colors=colour)  # fmt: skip
        if made[-1].status == "S":
            axes.plot(clock(made[-1].sent_at), place, "o", color=colour)
            label = axes.text(clock(made[-1].sent_at), place, "   cancelled", color=colour)
            label.set(va="center", clip_on=True, in_layout=False)
    axes.axvline(clock(cutoff), color=CLOSED, linewidth=1.2)
    axes.axvspan(clock(cutoff), clock(shown[1]), color=CLOSED, alpha=0.08, linewidth=0)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.set_xlim(*map(clock, shown))
    axes.xaxis.set_major_locator(matplotlib.ticker.MultipleLocator(step.total_seconds()))
    axes.xaxis.set_major_formatter(_time_of_day)


def _by_distance(axes: Axes, rows: Rows) -> None:
    ages = [60, 900, 87300]
    axes.fill_between([SOONEST * 0.85, 60], 5, 10, color=RULE, linewidth=0)
    axes.fill_between(ages, [30, 450, 450], [60, 900, 900], color=RULE, linewidth=0)
    for colour, (name, made) in zip(COLOURS, rows.items(), strict=True):
        ages, gaps = [max(one.age, SOONEST) for one in made[1:]], [one.gap for one in made[1:]]
        axes.plot(ages, gaps, "o", color=colour, markersize=3.5, alpha=0.75, label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(list(AGES), list(AGES.values()))
    axes.set_yticks(list(WAITS), list(WAITS.values()))
    axes.minorticks_off()
    for age, distance, text in (
        (6.0, 11.5, "the first minute: 5 to 10 s apart"),
        (4.0, 62, "throttled: no first minute"),
        (330, 65, "then half to all of the age, by chance"),
        (2400, 1000, "at most a quarter of an hour"),
    ):
        axes.text(age, distance, text, fontsize=8, color="#6b7580")
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
