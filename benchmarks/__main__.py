"""`make bench`: every measurement in one run, and benchmarks/RESULTS.md from what they found."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarks import attempts, breakdown, cold, deployed, growth, invocation, results
from benchmarks.lab import Lab


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds; nothing is written")
    parser.add_argument("--artifact", type=Path, help="another build, such as of a release")
    options = parser.parse_args()
    quick = options.quick
    lab = Lab.prepare(options.artifact)
    began, load = time.monotonic(), os.getloadavg()[0]
    run = results.Run(
        batches=attempts.measure(lab, 4 if quick else 30, 2 if quick else 8),
        parts=breakdown.measure(lab, 10, 5 if quick else 40),
        invocations=invocation.measure(lab, 8 if quick else 60),
        starts=cold.measure(lab, 5 if quick else 21),
        growth=growth.measure(lab, 1_000 if quick else 100_000),
        # Always what was built here: the stack deploys the template, and that names its build.
        deployed=deployed.measure(2_000 if quick else 10_000),
    )
    run.targets = [
        *attempts.targets(run.batches),
        *invocation.targets(run.invocations),
        *cold.targets(run.starts),
        *growth.targets(run.growth),
        *deployed.targets(run.deployed),
    ]
    run.seconds, run.load = time.monotonic() - began, (load, os.getloadavg()[0])
    if quick:
        print(results.document(run))
    else:
        results.write(run)
        print(*(target.row() for target in run.targets), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
