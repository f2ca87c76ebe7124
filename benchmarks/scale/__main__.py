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
from typing import Any, Final

from benchmarks.scale import plots
from benchmarks.scale.document import DOCUMENT, RESULTS, document, results
from benchmarks.scale.scenarios import herd, runs, simulate
from benchmarks.scale.simulation import Sample
from benchmarks.scale.summary import summary

MINUTES: Final = (30, 10, 5, 2, -5)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--document", action="store_true", help="only write the document")
    if not parser.parse_args().document:
        _simulate()
    DOCUMENT.write_text(document())
    broken = list(_broken())
    print(*broken or ["every promise holds"], sep="\n")
    return int(bool(broken))


def _simulate() -> None:
    names = runs()
    with ProcessPoolExecutor() as pool:
        herds = {f"herd/{one}": pool.submit(_herd, one) for one in MINUTES}
        found = dict(zip(names, pool.map(_run, names), strict=True))
    kept = {"/".join(name): run for name, (run, _) in found.items()}
    kept |= {name: run.result() for name, run in herds.items()}
    lines = [f"{json.dumps(name)}: {json.dumps(_rounded(run))}" for name, run in kept.items()]
    RESULTS.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    samples = {name: samples for name, (_, samples) in found.items()}
    plots.draw(samples, DOCUMENT.with_name("scale.png"))


def _run(name: tuple[str, str]) -> tuple[dict[str, Any], list[Sample]]:
    run = simulate(*name)
    return asdict(summary(run)), run.samples


def _herd(minutes: int) -> dict[str, Any]:
    without = summary(herd(minutes, closing_call=0))
    return {**asdict(summary(herd(minutes))), "without": without.unresolved}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _broken() -> Iterator[str]:
    """What the document promises and the figures do not show."""
    found = results()
    if found["herd"]["5"]["unresolved"]:
        yield "gateway back 5 minutes before the cutoff: a waiting tracker ends unresolved"
    for setup, run in found["back 30"].items():
        if run["unresolved"] >= 0.0005:
            yield f"gateway back 30 minutes before the cutoff, {setup}: unresolved"
    for scenario, setups in found.items():
        for setup, run in setups.items():
            if run["open"] or run["dead"]:
                yield f"{scenario}, {setup}: {run['open']} without an end, {run['dead']} dead"


if __name__ == "__main__":
    sys.exit(main())
