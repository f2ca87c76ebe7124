"""The attempts of the day as a picture: how long each waited, by how old its payment was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from tests.day.recorded_day import Attempt

COLOURS = ("#33658a", "#2a8c55", "#b5541c")
STYLE = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
RULE = {"color": "#d9e2ea", "linewidth": 0}
AGES = {5: "5 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 21600: "6 h", 86400: "24 h"}
WAITS = {5: "5 s", 10: "10 s", 30: "30 s", 60: "1 min", 300: "5 min", 900: "15 min"}
NOTES = (
    (6.0, 11.5, "the first minute: 5 to 10 s apart"),
    (4.0, 62, "throttled: no first minute"),
    (330, 65, "then half to all of the age, by chance"),
    (2400, 1000, "at most a quarter of an hour"),
)
# Where the second attempt is drawn: the first has an age of nothing, which no such axis shows.
SOONEST = 3.0


def draw(rows: Mapping[str, list[Attempt]], target: Path) -> None:
    """Write the picture, as PNG: the attempts of each payment under the name that it shows."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(10, 4.2), facecolor="white", layout="constrained")
        axes = figure.subplots()
        axes.fill_between([SOONEST * 0.85, 60], 5, 10, **RULE)
        axes.fill_between([60, 900, 87300], [30, 450, 450], [60, 900, 900], **RULE)
        for colour, (name, made) in zip(COLOURS, rows.items(), strict=True):
            ages = [max(one.age, SOONEST) for one in made[1:]]
            gaps = [one.gap for one in made[1:]]
            axes.plot(ages, gaps, "o", color=colour, markersize=3.5, alpha=0.75, label=name)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(list(AGES), list(AGES.values()))
        axes.set_yticks(list(WAITS), list(WAITS.values()))
        axes.minorticks_off()
        for age, wait, text in NOTES:
            axes.text(age, wait, text, fontsize=8, color="#6b7580")
        axes.set_ylim(3.5, 1500)
        axes.set_xlabel("how old the payment's first attempt is when the next one is decided on")
        axes.set_title("How long each attempt of a day waits (shaded: the rule)", loc="left")
        axes.legend(loc="lower right", frameon=False)
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, format="png", dpi=110, metadata={"Software": None})
