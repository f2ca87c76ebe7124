"""Loaded first by every process of the stack: sleeping under a clock that leaps.

libfaketime changes what a process reads as the time. A thread that sleeps already sleeps on
through a leap, and the timeout of a `threading.Event` never fires at all, because the system call
below it takes a deadline by a clock that libfaketime does not reach. So both look at the clock
again and again instead.

The embedded AWS lets a tracker wait by a sleep. While it does, a file in the directory SLEEPERS
carries the moment at which it ends, so that the day knows how far the clock may leap: by what the
tracker really does, not by what it says that it will do.
"""

import os
import select
import sys
import threading
import time
from pathlib import Path

LOOK_SECONDS = 0.005
TRACKERS = "ministack.services.stepfunctions"
# Shorter ones are not waits of a tracker, and nothing is gained by leaping over them.
SHORTEST_WAIT = 1.0

_directory = os.environ.get("SLEEPERS")


def _pause(seconds: float) -> None:
    # Python's own sleep takes a deadline too; a select takes a duration.
    select.select([], [], [], min(seconds, LOOK_SECONDS))


def _sleep(seconds: float) -> None:
    until = time.time() + seconds
    waits = seconds > SHORTEST_WAIT and sys._getframe(1).f_globals.get("__name__") == TRACKERS
    note = (
        Path(_directory, f"{until:.6f}-{threading.get_ident()}") if waits and _directory else None
    )
    if note:
        note.touch()
    while (left := until - time.time()) > 0:
        _pause(left)
    if note:
        note.unlink()


def _wait(event: threading.Event, timeout: float | None = None) -> bool:
    if timeout is None:
        return _wait_for_ever(event)
    until = time.time() + timeout
    while not event.is_set() and (left := until - time.time()) > 0:
        _pause(left)
    return event.is_set()


_wait_for_ever = threading.Event.wait
if _directory:
    time.sleep = _sleep  # type: ignore[assignment]
    threading.Event.wait = _wait  # type: ignore[assignment, method-assign]
