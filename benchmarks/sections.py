"""The sections of RESULTS.md, one for each part of a run."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks import tracked
from benchmarks.attempts import Batches
from benchmarks.cold import Starts
from benchmarks.deployed import Deployed
from benchmarks.figures import Figure
from benchmarks.growth import Growth
from benchmarks.invocation import LATENCY_MS, Invocations
from benchmarks.prose import paragraph

_CLIENTS = {
    "floor": "floor",
    "attempts": "this function, record to decision",
    "handler": "this function, effects, log and metrics included",
    "sdk": "official SDK",
}
_PROCESSES = {
    "bare": "an empty interpreter",
    "comparison": "boto3 with one client, httpx, cryptography, Powertools Logger and Metrics",
    "function": "this function, to the first byte sent",
}


def batches(found: Batches) -> list[str]:
    lines = [
        "## Batches",
        "",
        "| who | batch | wall, ms | CPU per record, ms |",
        "| --- | ---: | ---: | ---: |",
    ]
    for size in (1, 10, 100):
        for kind, name in _CLIENTS.items():
            if wall := found.wall(kind, size):
                shown = Figure.of(wall).shown(scale=1e3)
                cpu = Figure.of(found.cpu(kind, size)).shown(scale=1e3)
                lines.append(f"| {name} | {size} | {shown} | {cpu} |")
    return [*lines, ""]


def above_the_floor(parts: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Where a record's processor time goes; `parts` by client, in seconds a record."""
    all_of = {kind: sum(one.values()) for kind, one in parts.items()}
    names = {name for one in parts.values() for name in one}
    rows = [
        f"| {name} | {' | '.join(_ms(one.get(name)) for one in parts.values())} |"
        for name in sorted(names, key=lambda name: -sum(one.get(name, 0) for one in parts.values()))
    ]
    rows.append(f"| all | {' | '.join(_ms(one) for one in all_of.values())} |")
    return [
        "## What is above the floor",
        "",
        *paragraph(
            "Processor time per record in batches of 10, by clocks around the parts; a run of its",
            "own, since the clocks take some of it. The gateway lets 100 ms pass, so each part",
            "runs on cold caches, the floor's too.",
        ),
        f"| part, ms | {' | '.join(_CLIENTS[kind] for kind in parts)} |",
        f"| --- |{' ---: |' * len(parts)}",
        *rows,
        "",
        *paragraph(
            f"What is above the floor, {(all_of['attempts'] - all_of['floor']) * 1e3:.2f} ms a",
            "record, is Python where the floor has libcurl: httpcore and h11 check and parse",
            "every header, httpx wraps request and answer in objects, and this function reads the",
            "record, holds one deadline over every socket operation, and refuses what an answer",
            "does not prove. One `httpx.Client` for each thread is part of the design. Going round",
            "it was tried: no gain that could be told from the spread.",
        ),
    ]


def invocations(found: Invocations) -> list[str]:
    if not found.function:
        return []
    function = Figure.of(one - LATENCY_MS / 1000 for one in found.function).shown(" ms", 1e3)
    nothing = Figure.of(found.nothing).shown(" ms", 1e3)
    return [
        "## Whole invocations",
        "",
        *paragraph(
            f"Ten records through the runtime interface take {function} more than the gateway; a",
            f"handler that does nothing takes {nothing} in the same emulator.",
        ),
    ]


def starts(found: Starts) -> list[str]:
    lines = [
        "## Cold starts",
        "",
        "| process | CPU, ms | wall, ms | resident, MiB | modules |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for kind, name in _PROCESSES.items():
        cpu, wall = (Figure.of(one[kind][1:]).shown(scale=1e3) for one in (found.cpu, found.wall))
        rss = Figure.of(found.rss[kind][1:]).shown(scale=1 / 2**20)
        lines.append(f"| {name} | {cpu} | {wall} | {rss} | {found.modules[kind]} |")
    steps = [
        f"| {step} | {Figure.of(values[1:]).shown(scale=1e3)} |"
        for step, values in found.parts.items()
    ]
    return [
        *lines,
        "",
        "Step by step, in the order in which they are done here:",
        "",
        "| step | CPU, ms |",
        "| --- | ---: |",
        *steps,
        "",
        *paragraph(
            "The comparison does all down to Powertools, and makes the AWS client. The rest is",
            "above it: no byte can be sent to the gateway without them.",
        ),
    ]


def growth(found: Growth, deployed: Deployed) -> list[str]:
    lines = [
        "## Growth",
        "",
        "| events | CPU per record, ms | over the floor beside it |",
        "| ---: | ---: | ---: |",
    ]
    lines += [
        f"| {events:,} | {Figure.of(values).shown(scale=1e3)} "
        f"| {Figure.of(found.over_floor[events]).shown(' x')} |"
        for events, values in found.cpu.items()
    ]
    resident = [f"{found.rss[at] / 2**20:.1f} MiB" for at in (0, -1)]
    lines += ["", f"Resident: {resident[0]} at first, {resident[1]} at the end.", ""]
    if not deployed.cpu:
        return lines
    cpu = Figure.of(deployed.cpu).shown(" ms", 1e3)
    slices = ", ".join(f"{one * 1e3:.2f}" for one in deployed.cpu)
    held = [
        f"{one / deployed.workers / 2**20:.1f} MiB" for one in (deployed.rss[0], deployed.rss[-1])
    ]
    return [
        *lines,
        "## The deployed stack",
        "",
        *paragraph(
            f"{deployed.events:,} events through bus, queue and {deployed.workers} workers of the",
            f"local stack: {cpu} of processor time per record, cold starts not counted. By slice,",
            f"in ms: {slices}. A worker holds {held[0]} at first, {held[1]} at the end.",
        ),
        *paragraph(
            f"{len(deployed.entered)} payments were throttled until their tracker had asked",
            f"{tracked.ROUNDS} times. Transitions by round:",
            "; ".join(", ".join(map(str, tracked.rounds(one))) for one in deployed.entered) + ".",
            "A round decides, waits and asks; the last is to end. The other events, and payments",
            f"unknown twice in their first minute, have started {deployed.executions} executions.",
        ),
    ]


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1e3:.3f}"
