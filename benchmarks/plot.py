"""The plot of RESULTS.md: processor time per record, and wall time of a batch of ten."""

from __future__ import annotations

from pathlib import Path

import matplotlib

from benchmarks.attempts import Batches
from benchmarks.figures import Figure

_CLIENTS = {
    "floor": ("floor", "#8a8a8a"),
    "attempts": ("attempts", "#1f6fb2"),
    "handler": ("whole handler", "#1f6fb2"),
    "sdk": ("official SDK", "#c2571a"),
}


def plot(batches: Batches, path: Path) -> None:
    """Medians and quartiles. By tens, since the SDK is far away; points, since such a scale has
    no zero for a bar to stand on."""
    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    matplotlib.rcParams.update({"svg.hashsalt": "cancel-payment", "font.size": 9})
    figure, panels = plt.subplots(1, 2, figsize=(8, 2.4), layout="constrained", sharey=True)
    for panel, measure, title in (
        (panels[0], batches.cpu, "processor time per record, ms"),
        (panels[1], batches.wall, "wall time of a batch of 10, ms"),
    ):
        for kind, (name, colour) in _CLIENTS.items():
            one = Figure.of(measure(kind, 10))
            middle, low, high = (value * 1e3 for value in (one.middle, one.low, one.high))
            panel.errorbar(
                middle, name, xerr=[[middle - low], [high - middle]], fmt="o", color=colour
            )
            panel.annotate(
                Figure.alone(middle).shown(),
                (middle, name),
                (0, 6),
                textcoords="offset points",
                ha="center",
            )
        panel.set_xscale("log")
        panel.margins(x=0.2, y=0.2)
        panel.set_title(title)
        panel.grid(axis="x", which="both", alpha=0.25)
    panels[0].invert_yaxis()
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
