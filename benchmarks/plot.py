"""The plot of RESULTS.md: processor time per record, and wall time of a batch of ten."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

from benchmarks.attempts import Batches
from benchmarks.figures import Figure


def plot(batches: Batches, path: Path) -> None:
    """Two panels, each on a scale by tens: the SDK is far away."""
    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    matplotlib.rcParams.update({"svg.hashsalt": "cancel-payment", "font.size": 9})
    names = {"floor": "floor", "attempts": "attempts", "handler": "whole handler", "sdk": "SDK"}
    figure, panels = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained")
    for panel, measure, title in (
        (panels[0], batches.cpu, "processor time per record, ms"),
        (panels[1], batches.wall, "wall time of a batch of 10, ms"),
    ):
        figures = [Figure.of(measure(kind, 10)) for kind in names]
        middles = [one.middle * 1e3 for one in figures]
        spread = [
            [(one.middle - one.low) * 1e3 for one in figures],
            [(one.high - one.middle) * 1e3 for one in figures],
        ]
        panel.barh(list(names.values()), middles, xerr=spread, color=_colours(len(names)))
        panel.set_xscale("log")
        panel.invert_yaxis()
        panel.set_title(title)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def _colours(number: int) -> Sequence[str]:
    return ["#8a8a8a", *["#1f6fb2"] * (number - 2), "#c2571a"]
