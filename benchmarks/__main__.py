"""`make bench`: every measurement in one run, benchmarks/RESULTS.md, and whether targets were met.

python -m benchmarks                   # measure, write RESULTS.md; 1 where a target is missed
python -m benchmarks --quick           # few rounds, to see that it works; nothing is written
python -m benchmarks --artifact DIR    # another build, such as a release's, beside the present one
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarks import batches, growth, lab, latency, starts
from benchmarks.results import DOCUMENT, Run, document
from sandbox.stack.processes import raise_on_signals


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds; nothing is written")
    parser.add_argument("--artifact", type=Path, metavar="DIR", help="another build beside this")
    options = parser.parse_args()
    raise_on_signals()
    quick, builds = options.quick, lab.prepare(options.artifact)
    began, load = time.monotonic(), os.getloadavg()[0]
    run = Run(
        batches=batches.measure(builds, 4 if quick else 30, 2 if quick else 8),
        starts=starts.measure(builds, 4 if quick else 20),
        growth=growth.measure(1_000 if quick else 100_000),
        latencies=latency.measure(30 if quick else 300),
    )
    run.targets = [
        *batches.targets(run.batches),
        *starts.targets(run.starts),
        *growth.targets(run.growth),
    ]
    run.seconds, run.load = time.monotonic() - began, (load, os.getloadavg()[0])
    if quick:
        print(document(run))
    else:
        DOCUMENT.write_text(document(run))
    missed = [target for target in run.targets if not target.met]
    for target in missed:
        measured = target.measured.shown(target.unit)
        print(f"missed: {target.name}: {measured}, {target.bound}", file=sys.stderr)
    print(f"{len(run.targets) - len(missed)} of {len(run.targets)} targets met")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
