"""`make test-edges`: real edges between the built function and the stand-in, over TLS.

Prints a row for each scenario of `tests.edges.scenarios`. Exit 0: all as it should be; 1: a row is
not; 77: not run, for want of nginx and haproxy.
"""

from __future__ import annotations

import argparse
import re
import sys
from contextlib import ExitStack
from pathlib import Path

from cancel_payment import app

from sandbox.stack.build import DIRECTORY
from sandbox.stack.directory import STACKS
from sandbox.stack.processes import raise_on_signals
from tests.edges.edge import Edge, MissingPrograms, programs
from tests.edges.lab import Backend, Lab
from tests.edges.scenarios import SCENARIOS, Meanwhile, Scenario
from tests.edges.trial import Row, Trial
from tests.support import aws, aws_server

SKIPPED = 77
COLUMNS = "{:8}{:48}{:>8}{:>9}{:>9}{:>8}  {:39}{}"
NAMES = ("edge", "fault", "payments", "attempts", "requests", "unknown", "outcomes", "right")
OUTCOMES = {"CANCELLED": "cancelled", "REFUND_REQUIRED": "to refund", "FAILED": "failed"}
SHOWN_FAULTS = 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.edges", description=__doc__)
    parser.add_argument("--only", default="", help="rows whose edge and fault match this regex")
    only = parser.parse_args().only
    raise_on_signals()
    if not Path(app.__file__).is_relative_to(DIRECTORY):
        raise SystemExit("the function on PYTHONPATH is not the built one: use `make test-edges`")
    try:
        paths = programs()
    except MissingPrograms as missing:
        print(missing, file=sys.stderr)
        return SKIPPED
    double = aws.AwsDouble()
    server = aws_server.start(double)
    lab, rows = Lab(STACKS / "edges-run", double), list[Row]()
    print(COLUMNS.format(*NAMES))
    with lab.backend(latency_ms=20) as backend:
        for name, path in paths.items():
            for scenario in SCENARIOS:
                if name in scenario.edges and re.search(only, f"{name} {scenario.fault}"):
                    rows.append(run(lab, scenario, Edge(path, lab.home), backend))
                    show(name, scenario, rows[-1])
    server.shutdown()
    print("requests: at the stand-in; unknown: after the attempt through the edge with its fault")
    return 1 if any(row.faults for row in rows) else 0


def run(lab: Lab, scenario: Scenario, edge: Edge, backend: Backend) -> Row:
    with ExitStack() as stack:
        stack.callback(edge.stop)
        backends = [backend]
        if scenario.meanwhile is Meanwhile.ONE_DIES:
            # Slow enough that requests are in flight when one of them dies.
            backends = [stack.enter_context(lab.backend(latency_ms=300)) for _ in range(2)]
        return Trial(lab, scenario, edge, backends).run()


def show(edge: str, scenario: Scenario, row: Row) -> None:
    pages = f": {' or '.join(map(str, scenario.pages))} page" if scenario.pages else ""
    outcomes = ", ".join(f"{row.outcomes[one]} {name}" for one, name in OUTCOMES.items())
    cells = (row.payments, row.attempts, row.requests, row.unknown, outcomes)
    right = "NO" if row.faults else "yes"
    print(COLUMNS.format(edge, scenario.fault + pages, *cells, right), flush=True)
    for fault in row.faults[:SHOWN_FAULTS]:
        print(f"    {fault}")
    if len(row.faults) > SHOWN_FAULTS:
        print(f"    and {len(row.faults) - SHOWN_FAULTS} more")


if __name__ == "__main__":
    sys.exit(main())
