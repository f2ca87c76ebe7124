"""`make simulate`: runs every scenario and writes docs/scale.md, its plots and its results.

python -m benchmarks.scale               # simulate, keep the results, write the document
python -m benchmarks.scale --validate    # the local stack against the simulation; 1 above 5 %
python -m benchmarks.scale --document    # only the document, from the results that are kept
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor

from benchmarks.scale import plots
from benchmarks.scale.document import DOCUMENT, document
from benchmarks.scale.results import RESULTS, VALIDATED, fingerprints, load, save
from benchmarks.scale.scenarios import runs, simulate
from benchmarks.scale.summary import Series, Summary, series, summary


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--validate", action="store_true", help="run the local stack too")
    parser.add_argument("--document", action="store_true", help="only write the document")
    options = parser.parse_args()
    status = 0
    if options.validate:
        # Needs a built application and starts servers, which a simulation does not.
        from benchmarks.scale.on_the_stack import validate

        status = validate()
    elif not options.document:
        _simulate()
    DOCUMENT.write_text(document(load(RESULTS), load(VALIDATED)))
    return status


def _simulate() -> None:
    names = list(runs())
    with ProcessPoolExecutor() as pool:
        found = dict(zip(names, pool.map(_run, names), strict=True))
    summaries = {name: one for name, (one, _) in found.items()}
    save(RESULTS, summaries, fingerprints())
    drawn = {name: one for name, (_, one) in found.items()}
    plots.outages(drawn, DOCUMENT.with_name("scale-outages.svg"))
    plots.cutoff(drawn, DOCUMENT.with_name("scale-cutoff.svg"))


def _run(name: tuple[str, str]) -> tuple[Summary, Series]:
    run = simulate(*name)
    return summary(name[0], run), series(run)


if __name__ == "__main__":
    sys.exit(main())
