"""docs/scale.md, from the results that are kept: the same for the same results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from benchmarks.pages import render
from benchmarks.scale import limits, load, validation
from benchmarks.scale.scenarios import GATEWAY_RATE, HERD, RAISED, SCALE, SCENARIOS
from benchmarks.scale.setup import Setup

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "scale.md"
RESULTS: Final = Path(__file__).with_name("results.json")


def results() -> dict[str, dict[str, Any]]:
    """The runs by scenario and setup; the herd's by minutes."""
    found: dict[str, dict[str, Any]] = {}
    for name, run in json.loads(RESULTS.read_text()).items():
        scenario, _, setup = name.partition("/")
        found.setdefault(scenario, {})[setup] = run
    return found


def document() -> str:
    runs = results()
    herd = runs.pop("herd")
    back = [name for name in runs if name.startswith("back")]
    return render(
        "scale/scale.md.j2",
        runs=runs,
        herd=herd,
        by_day=[name for name in runs if name not in back],
        around_the_cutoff=back,
        most_unresolved=max(run["unresolved"] for run in runs["back 30"].values()),
        scenarios=SCENARIOS,
        herd_size=HERD,
        raised=RAISED,
        scale=SCALE,
        gateway_rate=GATEWAY_RATE,
        setup=Setup(),
        limits=limits,
        load=load,
        validation=validation,
    )
