"""Events through the deployed local stack: what its workers use, and what its trackers cost.

The queue is filled while the function is switched off, so that every batch is full, and what is
measured is the function alone: the processor time of its processes, by `/proc`, therefore on Linux
only. Then come the payments of `tracked`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import tracked
from benchmarks.figures import Figure, Target
from sandbox.stack import Stack

SLICES = 10
MAX_ROUND = 3

_PROC = Path("/proc")
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
# Trackers wait 2 to 8 s here, not up to a quarter of an hour.
_PARAMETERS = {"SlowRetryInitialSeconds": "4", "SlowRetryMaxSeconds": "8"}
_PATIENCE_SECONDS = 120


@dataclass(slots=True)
class Deployed:
    """What was seen; all empty where there is no `/proc`.

    Attributes
    ----------
    events
        How many went through, each resolved by its first call.
    cpu, rss
        By slice of the events, without the first, which holds the cold starts: seconds of
        processor time per record; resident bytes of all workers at its end.
    executions
        How many executions those events have started, and payments that were unknown twice.
    entered
        The states that each tracked payment's execution has entered, in order.
    """

    events: int = 0
    cpu: list[float] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)
    workers: int = 0
    executions: int = 0
    entered: list[list[str]] = field(default_factory=list)


def measure(events: int) -> Deployed:
    found = Deployed(events)
    if not _PROC.exists():
        return found
    with Stack.start("bench-deployed", parameters=_PARAMETERS) as stack:
        _load(stack, found)
        found.executions, found.entered = tracked.run(stack)
    return found


def targets(found: Deployed) -> list[Target]:
    """The targets of this part."""
    if not found.cpu:
        return []
    middle, third = Figure.of(found.cpu).middle, len(found.cpu) // 3
    # Thirds, not single slices: the emulator works beside the function, and not evenly.
    thirds = [Figure.of(found.cpu[at : at + third]).middle for at in (0, third, 2 * third)]
    spread = max(abs(one / middle - 1) for one in thirds) * 100
    grown = (found.rss[-1] - found.rss[0]) / found.workers / 1024
    return [
        Target(
            f"deployed stack, CPU per record over {found.events:,} events, a third's deviation",
            Figure.alone(spread),
            10,
            " %",
            cause="see its slices in *The deployed stack*.",
        ),
        Target("memory grown meanwhile, of one worker", Figure.alone(grown), 1024, " KiB"),
        Target(
            "transitions in a tracker's round, the most",
            Figure.alone(max(max(tracked.rounds(one)) for one in found.entered)),
            MAX_ROUND,
        ),
        Target(
            "executions started by payments resolved in the first 60 s",
            Figure.alone(found.executions),
            0,
        ),
    ]


def _load(stack: Stack, found: Deployed) -> None:
    functions = stack.cloud.client("lambda")
    (source,) = functions.list_event_source_mappings()["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
    for first in range(0, found.events, 10):
        stack.put_events([tracked.payment(f"SUCCEEDS-{first + index}") for index in range(10)])
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=True)
    assert stack.stand_in is not None
    slice_, done, before = found.events // SLICES, 0, (0, 0.0)
    until = time.monotonic() + _PATIENCE_SECONDS + found.events / 50
    while done < found.events:
        if time.monotonic() > until:
            raise TimeoutError(f"only {done} of {found.events} events came through")
        time.sleep(0.1)
        done = stack.stand_in.requests(since=done)[1]
        if done < found.events and done - before[0] < slice_:
            continue
        workers = list(_workers(stack.processes[0].pid))
        used = sum(cpu for cpu, _ in workers)
        if before[0]:
            found.cpu.append((used - before[1]) / (done - before[0]))
            found.rss.append(sum(resident for _, resident in workers))
        found.workers = len(workers)
        before = done, used


def _workers(emulator: int) -> Iterator[tuple[float, int]]:
    """Processor seconds and resident bytes of each process in which the function runs."""
    for process in _PROC.iterdir():
        if not process.name.isdigit():
            continue
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == emulator:
            yield (int(fields[11]) + int(fields[12])) / _TICK, int(fields[21]) * _PAGE
