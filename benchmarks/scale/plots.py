"""The picture of docs/scale.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.scale.scenarios import HOUR, SCENARIOS, START
from benchmarks.scale.simulation import Sample

SHOWN = ("silent", "refuses", "back 30", "across")
COLOURS = {"10": "#8a8f96", "60": "#33658a", "1,000": "#c2571a"}
# With ten batches at a time the backlog leaves the picture.
_MOST_SHOWN = 8.0


def draw(found: Mapping[tuple[str, str], list[Sample]], target: Path) -> None:
    """Messages waiting and open executions over the day, for four disturbances."""
    figure = Figure(figsize=(12, 4.2), layout="constrained")
    rows = figure.subplots(2, len(SHOWN), sharex=True, sharey="row")
    for column, name in enumerate(SHOWN):
        bad = SCENARIOS[name].disturbance
        assert bad is not None
        for row, (measure, label) in enumerate(
            (("visible", "waiting, millions"), ("executions", "executions, millions"))
        ):
            axes = rows[row][column]
            axes.axvspan(
                *(START.hour + at / HOUR for at in (bad.begins, bad.ends)), color="#f3e3d3"
            )
            axes.axvline(24.25, color="#c0392b", linewidth=0.9, linestyle="--")
            for setup, colour in COLOURS.items():
                samples = found[name, setup]
                hours = [START.hour + one.at / HOUR for one in samples]
                values = [getattr(one, measure) / 1e6 for one in samples]
                axes.plot(hours, values, color=colour, label=setup)
            axes.set_xlim(9, 30)
            axes.set_xticks([12, 18, 24, 30], ["12:00", "18:00", "00:00", "06:00"])
            if column == 0:
                axes.set_ylabel(label)
        rows[0][column].set_ylim(-0.2, _MOST_SHOWN)
        rows[0][column].set_title(SCENARIOS[name].title, fontsize=8)
    figure.legend(
        *rows[0][0].get_legend_handles_labels(),
        title="MaximumConcurrency (shaded: the disturbance; dashed: the cutoff)",
        loc="outside lower center",
        ncols=3,
        frameon=False,
    )
    figure.savefig(target, dpi=90, metadata={"Software": None})
