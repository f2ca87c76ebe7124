"""Cases sent through a running stack, and watched until each has ended."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sandbox.run.cases import Case
from sandbox.run.progress import Progress
from sandbox.run.record import Run
from sandbox.run.verdict import ended
from sandbox.run.watch import Watch, timeout_seconds
from sandbox.stack.lifecycle import Stack

LONGEST_SECONDS = 180.0
# What comes too much, a second outcome say, comes soon after the end.
AFTERWARDS_SECONDS = 1.0
LOOK_SECONDS = 0.4
# Waits of minutes, shortened.
PARAMETERS = {
    "SlowRetryInitialSeconds": "1",
    "SlowRetryMaxSeconds": "1",
}


def run_cases(
    stack: Stack, cases: Sequence[Case], show: Callable[[Mapping[str, Progress]], None]
) -> Run:
    """Send the cases at once; returns when all have ended, right or wrong, or it takes too long.

    Parameters
    ----------
    show
        Given what has been seen so far, again and again.
    """
    watch = Watch(stack, [case.id for case in cases])
    began = datetime.now(UTC)
    _send(stack, cases)
    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        watch.look()
        show(watch.progress)
        if all(ended(case, watch.progress[case.id]) for case in cases):
            until = min(until, time.monotonic() + AFTERWARDS_SECONDS)
        time.sleep(LOOK_SECONDS)
    return Run(
        cases=cases,
        progress=watch.progress,
        began=began,
        ended=datetime.now(UTC),
        timeout_seconds=timeout_seconds(stack),
    )


def _send(stack: Stack, cases: Sequence[Case]) -> None:
    assert stack.stand_in is not None
    for case in cases:
        if case.known:
            stack.stand_in.register(case.payment)
    for event in dict.fromkeys(case.event for case in cases):
        payments = [case.payment for case in cases if case.event == event]
        for start in range(0, len(payments), 10):
            stack.put_events(payments[start : start + 10], event)
