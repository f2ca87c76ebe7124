"""`make run`: every case of `sandbox.run.cases` at the same time, through the real template.

Exits 0 only if every payment ended as its case says. Takes everything down whatever happens.
With `--json` the record of the run (`sandbox.run.record`) is on stdout, and all else on stderr.
"""

import argparse
import io
import os
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from sandbox.report import page as report
from sandbox.run.cases import cases
from sandbox.run.record import Run, record
from sandbox.run.session import PARAMETERS, run_cases
from sandbox.run.view.live import View
from sandbox.run.view.picture import draw
from sandbox.run.watch import timeout_seconds
from sandbox.stack.build import ROOT
from sandbox.stack.deploy import DeployFailed
from sandbox.stack.directory import STACKS
from sandbox.stack.lifecycle import Stack
from sandbox.stack.processes import ProcessFailed, raise_on_signals


def main() -> int:
    options = _arguments()
    raise_on_signals()
    console = _console(stderr=options.json)
    name = f"run-{os.getpid()}"
    logs_matter = False
    try:
        run = _run_once(name, console, kms=options.kms)
        good, logs_matter = bool(run.good), not run.good
        if options.json:
            _print(report.as_json(record(run)))
        if options.picture:
            draw(run, options.picture)
    except (ProcessFailed, DeployFailed) as error:
        logs_matter = True
        console.print(error, markup=False, highlight=False)
        good = False
    except KeyboardInterrupt:
        console.print("Stopped; everything is taken down.")
        return 130
    finally:
        if not logs_matter:
            shutil.rmtree(STACKS / name, ignore_errors=True)
    if logs_matter:
        console.print(f"Logs: {STACKS / name}", soft_wrap=True)
    return 0 if good else 1


def _run_once(name: str, console: Console, *, kms: bool) -> Run:
    began = time.monotonic()
    console.print("Starting the embedded AWS and the stand-in, deploying the template …")
    with Stack.start(name, parameters=PARAMETERS, kms=kms) as stack:
        console.print(f"Up after {time.monotonic() - began:.0f} s.\n")
        chosen = cases()
        with View(chosen, console, datetime.now(UTC), timeout_seconds(stack)) as view:
            run = run_cases(stack, chosen, view.show)
    for one in run.wrong:
        console.print(one, style="bold red", markup=False, highlight=False)
    verdict = "Every" if run.good else "NOT every"
    took = f"{time.monotonic() - began:.0f} s in all"
    console.print(f"\n{verdict} payment ended as it should; {took}.")
    path = report.write(record(run), STACKS)
    console.print(f"Report: {path.relative_to(ROOT)}", soft_wrap=True, highlight=False)
    return run


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Whoever reads no further, such as `head`, has what it wanted. What is still buffered goes
        # nowhere, or Python would complain of it in the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _console(*, stderr: bool) -> Console:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # what its character set lacks is a "?"
    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=180)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.run", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the record of the run on stdout")
    parser.add_argument("--kms", action="store_true", help="sign with a key in KMS")
    parser.add_argument("--picture", type=Path, help="draw its end into this SVG file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
