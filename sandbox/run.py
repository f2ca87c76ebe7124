"""`make run`: every case of `sandbox.cases` at the same time, through the real template.

Exits 0 only if every payment ended as its case says. Takes everything down whatever happens.
"""

import os
import shutil
import sys
import time

from rich.console import Console

from sandbox.cases import Case, cases
from sandbox.deploy import DeployFailed
from sandbox.live import View
from sandbox.processes import ProcessFailed, raise_on_signals
from sandbox.stack import STACKS, Stack
from sandbox.verdict import ended, faults
from sandbox.watch import Watch

LONGEST_SECONDS = 180.0
# What comes too much, a second outcome say, comes soon after the end.
AFTERWARDS_SECONDS = 1.0
# The slow phase, shortened: it would otherwise begin with a minute's wait.
PARAMETERS = {"SlowRetryInitialSeconds": "1", "SlowRetryMaxSeconds": "1"}


def main() -> int:
    raise_on_signals()
    console = Console()
    if not console.is_terminal:
        console = Console(width=180)  # a log has no edge
    name = f"run-{os.getpid()}"
    logs_matter = False
    try:
        good = _run_once(name, console)
        logs_matter = not good
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


def _run_once(name: str, console: Console) -> bool:
    began = time.monotonic()
    console.print("Starting the embedded AWS and the stand-in, deploying the template …")
    with Stack.start(name, parameters=PARAMETERS) as stack:
        console.print(f"Up after {time.monotonic() - began:.0f} s.")
        good = _run(stack, cases(), console)
    verdict = "Every" if good else "NOT every"
    took = f"{time.monotonic() - began:.0f} s in all"
    console.print(f"{verdict} payment ended as it should; {took}.")
    return good


def _run(stack: Stack, chosen: list[Case], console: Console) -> bool:
    watch = Watch(stack, [case.id for case in chosen])
    with View(chosen, console) as view:
        _send(stack, chosen)
        until = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < until:
            watch.look()
            view.show(watch.progress)
            if all(ended(case, watch.progress[case.id]) for case in chosen):
                until = min(until, time.monotonic() + AFTERWARDS_SECONDS)
            time.sleep(0.4)
        view.show(watch.progress)
    console.print(view.table(watch.progress, final=True))
    strangers = watch.progress.keys() - {case.id for case in chosen}
    if strangers:
        console.print(f"Seen, but never sent: {', '.join(sorted(strangers))}")
    good = all(not faults(case, watch.progress[case.id]) for case in chosen)
    return good and not strangers


def _send(stack: Stack, chosen: list[Case]) -> None:
    assert stack.stand_in is not None
    for case in chosen:
        if case.known:
            stack.stand_in.register(case.payment)
    for event in dict.fromkeys(case.event for case in chosen):
        payments = [case.payment for case in chosen if case.event == event]
        for start in range(0, len(payments), 10):
            stack.put_events(payments[start : start + 10], event)


if __name__ == "__main__":
    sys.exit(main())
