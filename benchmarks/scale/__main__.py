"""`make simulate`: runs every scenario and writes docs/scale.md, its picture and its results.

python -m benchmarks.scale               # simulate, keep the results, write the document
python -m benchmarks.scale --document    # only the document, from the results that are kept

Exits with 1 where a promise of the model is broken.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from benchmarks.scale import plots
from benchmarks.scale.document import DOCUMENT, document
from benchmarks.scale.scenarios import herd, runs, simulate, summary
from benchmarks.scale.simulation import Sample

RESULTS: Final = Path(__file__).with_name("results.json")
MINUTES: Final = (30, 10, 5, 2, -5)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--document", action="store_true", help="only write the document")
    if not parser.parse_args().document:
        _simulate()
    results = load()
    DOCUMENT.write_text(document(results))
    broken = list(_broken(results))
    print(*broken or ["every promise holds"], sep="\n")
    return int(bool(broken))


def load() -> dict[str, Any]:
    """The runs by scenario and setup, and the herd's by minutes."""
    found: dict[str, Any] = {"runs": {}, "herd": {}}
    for name, run in json.loads(RESULTS.read_text()).items():
        scenario, _, setup = name.partition("/")
        within = found["herd"] if scenario == "herd" else found["runs"].setdefault(scenario, {})
        within[setup] = run
    return found


def _broken(results: dict[str, Any]) -> Iterator[str]:
    """What the document promises and the figures do not show."""
    if results["herd"]["5"]["unresolved"]:
        yield "gateway back 5 minutes before the cutoff: a waiting tracker ends unresolved"
    for setup, run in results["runs"]["back 30"].items():
        if run["unresolved"] >= 0.0005:
            yield f"gateway back 30 minutes before the cutoff, {setup}: unresolved"
    for name, setups in results["runs"].items():
        for setup, run in setups.items():
            if run["open"] or run["dead"]:
                yield f"{name}, {setup}: {run['open']} payments without an end, {run['dead']} dead"


def _simulate() -> None:
    names = runs()
    with ProcessPoolExecutor() as pool:
        herds = {str(one): pool.submit(_herd, one) for one in MINUTES}
        found = dict(zip(names, pool.map(_run, names), strict=True))
    kept = [f" {json.dumps(f'{a}/{b}')}: {_json(one)}" for (a, b), (one, _) in found.items()]
    kept += [f" {json.dumps(f'herd/{name}')}: {_json(one.result())}" for name, one in herds.items()]
    RESULTS.write_text("{\n" + ",\n".join(kept) + "\n}\n")
    plots.draw(
        {name: samples for name, (_, samples) in found.items()}, DOCUMENT.parent / "scale.png"
    )


def _run(name: tuple[str, str]) -> tuple[dict[str, Any], list[Sample]]:
    run = simulate(*name)
    return asdict(summary(run)), run.samples


def _herd(minutes: int) -> dict[str, Any]:
    without = summary(herd(minutes, closing_call=0))
    return {**asdict(summary(herd(minutes))), "without": without.unresolved}


def _json(run: dict[str, Any]) -> str:
    return json.dumps(_rounded(run))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
