"""Events through the deployed local stack: what its workers use, and what its trackers cost.

The queue is filled while the function is switched off, so that every batch is full, and what is
measured is the function alone: the processor time of its processes, by `/proc`, therefore on Linux
only. The transitions are counted in the history of executions.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Target
from sandbox.stack import Stack

SLICES = 10
TRACKED_ROUNDS = 3
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
    rounds
        Transitions in each round of each tracked payment.
    total
        All transitions of each tracked payment.
    """

    events: int = 0
    cpu: list[float] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)
    workers: int = 0
    executions: int = 0
    rounds: list[int] = field(default_factory=list)
    total: list[int] = field(default_factory=list)


def measure(events: int) -> Deployed:
    found = Deployed(events)
    if not _PROC.exists():
        return found
    with Stack.start("bench-deployed", parameters=_PARAMETERS) as stack:
        _load(stack, found)
        _track(stack, found)
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
            "transitions in a tracker's round, the most", Figure.alone(max(found.rounds)), MAX_ROUND
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
        stack.put_events([_payment(f"SUCCEEDS-{first + index}") for index in range(10)])
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


def _track(stack: Stack, found: Deployed) -> None:
    tracked = [f"THROTTLED-{TRACKED_ROUNDS}-{index}" for index in range(3)]
    unknown = [f"UNKNOWN-2-{index}" for index in range(3)]
    stack.put_events([_payment(one) for one in (*tracked, *unknown)])
    machine = stack.cloud.client("stepfunctions")

    def executions() -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = machine.list_executions(
            stateMachineArn=stack.state_machine_arn
        )["executions"]
        return listed

    def ended() -> bool:
        states = {one["name"]: one["status"] for one in executions()}
        return all(states.get(one) == "SUCCEEDED" for one in tracked)

    def resolved() -> bool:
        assert stack.stand_in is not None
        calls = (stack.stand_in.requests(paymentRequestId=one)[0] for one in unknown)
        return all(len(one) == 3 for one in calls)

    _eventually(ended, "trackers that end")
    _eventually(resolved, "payments that are unknown twice")
    for one in executions():
        if one["name"] not in tracked:
            found.executions += 1
            continue
        history = machine.get_execution_history(executionArn=one["executionArn"], maxResults=1000)[
            "events"
        ]
        entered = [
            event["stateEnteredEventDetails"]["name"]
            for event in history
            if event["type"].endswith("StateEntered")
        ]
        found.total.append(len(entered))
        found.rounds += _rounds(entered)


def _rounds(entered: list[str]) -> list[int]:
    """How many states each round enters; a round begins where the first state is entered again."""
    starts = [at for at, name in enumerate(entered) if name == entered[0]]
    return [end - at for at, end in zip(starts, [*starts[1:], len(entered)], strict=True)]


def _payment(payment_request_id: str) -> dict[str, str]:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return {"paymentRequestId": payment_request_id, "paymentCreateTime": created}


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


def _eventually(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {_PATIENCE_SECONDS} s for {what}")
        time.sleep(0.5)
