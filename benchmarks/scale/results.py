"""The results that the document is made of, kept as JSON beside the code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from benchmarks.scale.scenarios import runs, simulate
from benchmarks.scale.summary import Summary, summary

RESULTS: Final = Path(__file__).with_name("results.json")
VALIDATED: Final = Path(__file__).with_name("validated.json")

# Small enough for a test, and large enough for the shape of each run.
FINGERPRINT_SCALE: Final = 20_000


def save(
    path: Path,
    summaries: Mapping[tuple[str, str], Summary],
    prints: Mapping[str, Mapping[str, float]],
) -> None:
    kept: dict[str, Any] = {"runs": {}, "fingerprints": prints}
    for (scenario, setup), one in summaries.items():
        kept["runs"].setdefault(scenario, {})[setup] = _rounded(asdict(one))
    path.write_text(json.dumps(kept, indent=1) + "\n")


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def fingerprints() -> dict[str, dict[str, float]]:
    """A few figures of every run at a small size: if they change, the results are out of date."""
    return {f"{scenario}/{setup}": fingerprint(scenario, setup) for scenario, setup in runs()}


def fingerprint(scenario: str, setup: str) -> dict[str, float]:
    run = simulate(scenario, setup, FINGERPRINT_SCALE)
    found = summary(scenario, run)
    return {
        "in_time": round(found.in_time, 4),
        "visible": found.visible,
        "executions": found.executions,
        "calls": run.figures.total("calls"),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return round(value, 5) if isinstance(value, float) else value
