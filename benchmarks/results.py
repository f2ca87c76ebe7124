"""benchmarks/RESULTS.md and its plot, from what one run has measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib

from benchmarks.attempts import Batches
from benchmarks.cold import Starts
from benchmarks.figures import Figure, Target
from benchmarks.growth import Growth
from benchmarks.invocation import LATENCY_MS, Invocations
from benchmarks.prose import item, paragraph

HERE = Path(__file__).parent


@dataclass(slots=True)
class Run:
    """Everything that one run has measured."""

    batches: Batches
    invocations: Invocations
    starts: Starts
    growth: Growth
    targets: list[Target] = field(default_factory=list)
    verified: int = 0
    seconds: float = 0
    load: tuple[float, float] = (0, 0)


def document(run: Run) -> str:
    return "\n".join(
        [
            "# Results",
            "",
            *paragraph(
                "Written by `make bench`, all in one run. Medians, with the quartiles in brackets;",
                "ratios are of pairs measured one after the other. The gateway answers after",
                "100 ms,",
                "over TLS, with a signature that is verified.",
            ),
            *paragraph(
                f"Machine: {_machine()}. Load average {run.load[0]:.1f} before, {run.load[1]:.1f}",
                f"after; the run took {run.seconds:.0f} s. Other work on the machine shows in",
                "the spread.",
                "There is no previous release to compare with.",
            ),
            "## Targets",
            "",
            "| what | target | measured | |",
            "| --- | --- | --- | --- |",
            *(target.row() for target in run.targets),
            "",
            "![Processor time and wall time](results.svg)",
            "",
            *_batches(run.batches),
            *_invocations(run.invocations),
            *_starts(run.starts),
            *_growth(run.growth),
            *_method(run),
            "",
        ]
    )


def _machine() -> str:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0].partition(":")[2].strip() if models else name
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{name}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def _batches(found: Batches) -> list[str]:
    lines = [
        "## Batches",
        "",
        "| who | batch | wall, ms | CPU per record, ms |",
        "| --- | ---: | ---: | ---: |",
    ]
    names = {
        "floor": "floor",
        "attempts": "this function, record to decision",
        "handler": "this function, effects, log and metrics included",
        "sdk": "official SDK",
    }
    for size in (1, 10, 100):
        for kind, name in names.items():
            if wall := found.wall(kind, size):
                shown = Figure.of(wall).shown(scale=1e3)
                cpu = Figure.of(found.cpu(kind, size)).shown(scale=1e3)
                lines.append(f"| {name} | {size} | {shown} | {cpu} |")
    return [*lines, ""]


def _invocations(found: Invocations) -> list[str]:
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


def _starts(found: Starts) -> list[str]:
    lines = [
        "## Cold starts",
        "",
        "| process | CPU, ms | wall, ms | resident, MiB | modules |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    names = {
        "bare": "an empty interpreter",
        "comparison": "boto3 with one client, httpx, cryptography, Powertools Logger and Metrics",
        "function": "this function, to the first byte sent",
    }
    for kind, name in names.items():
        cpu, wall = (Figure.of(one[kind][1:]).shown(scale=1e3) for one in (found.cpu, found.wall))
        rss = Figure.of(found.rss[kind][1:]).shown(scale=1 / 2**20)
        lines.append(f"| {name} | {cpu} | {wall} | {rss} | {found.modules[kind]} |")
    return [*lines, ""]


def _growth(found: Growth) -> list[str]:
    lines = ["## Growth", "", "| events | CPU per record, ms |", "| ---: | ---: |"]
    lines += [
        f"| {events:,} | {Figure.of(values).shown(scale=1e3)} |"
        for events, values in found.cpu.items()
    ]
    first, last = found.rss[0] / 2**20, found.rss[-1] / 2**20
    return [*lines, "", f"Resident: {first:.1f} MiB at first, {last:.1f} MiB at the end.", ""]


def _method(run: Run) -> list[str]:
    return [
        "## How it was measured",
        "",
        *item(
            "Each client is a process of its own; its processor time is `getrusage` of itself",
            "alone.",
            "Gateway and AWS are one other process with an answer signed beforehand",
            "(`servers.py`): the",
            "stand-in of the sandbox signs each answer, which takes a core that the client needs.",
            f"The signatures of {run.verified} requests that the gateway got were verified",
            "afterwards.",
        ),
        *item(
            "The floor is libcurl with a kept connection per thread, one RSA signature, one",
            "verification, JSON twice, and nothing else. Processor time per call without RSA,",
            "tried",
            "once: a bare socket 0.03 ms, libcurl 0.06, `http.client` 0.17, urllib3 0.35, httpx",
            "0.57.",
        ),
        *item(
            "The SDK (1.7.1) is used as its examples show. It connects to port 443 only; the",
            "port is",
            "the one thing changed in it. It runs on the function's cryptography instead of the",
            "older",
            "one that it pins.",
        ),
        *item(
            "A cold start is a fresh process with bytecode, the file cache warm, up to the",
            "connection",
            "to the gateway. It holds reading the secret over HTTP, loading all certificate",
            "authorities",
            "and testing the private key, which the comparison does not do.",
        ),
    ]


def plot(run: Run, path: Path) -> None:
    """Two panels: processor time per record, wall time of a batch of ten."""
    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    matplotlib.rcParams.update({"svg.hashsalt": "cancel-payment", "font.size": 9})
    names = {"floor": "floor", "attempts": "attempts", "handler": "whole handler", "sdk": "SDK"}
    figure, panels = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained")
    for panel, measure, title in (
        (panels[0], run.batches.cpu, "processor time per record, ms"),
        (panels[1], run.batches.wall, "wall time of a batch of 10, ms"),
    ):
        figures = [Figure.of(measure(kind, 10)) for kind in names]
        middles = [one.middle * 1e3 for one in figures]
        spread = [
            [(one.middle - one.low) * 1e3 for one in figures],
            [(one.high - one.middle) * 1e3 for one in figures],
        ]
        panel.barh(list(names.values()), middles, xerr=spread, color=_colours(len(names)))
        panel.set_xscale("log")
        panel.invert_yaxis()
        panel.set_title(title)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def _colours(number: int) -> Sequence[str]:
    return ["#8a8a8a", *["#1f6fb2"] * (number - 2), "#c2571a"]


def write(run: Run) -> None:
    (HERE / "RESULTS.md").write_text(document(run))
    plot(run, HERE / "results.svg")
