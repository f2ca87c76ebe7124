"""benchmarks/RESULTS.md, from what one run has measured."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from benchmarks.batches import LATENCY_MS, Batches
from benchmarks.figures import Figure, Target
from benchmarks.growth import Growth
from benchmarks.pages import render
from benchmarks.starts import Starts

DOCUMENT = Path(__file__).with_name("RESULTS.md")
_CLIENTS = {
    "floor": "floor",
    "attempts": "this build, record to decision",
    "attempts_before": "the build before, record to decision",
    "handler": "this build, effects, log and metrics included",
    "handler_before": "the build before, effects, log and metrics included",
    "sdk": "official SDK",
}
_PROCESSES = {
    "bare": "an empty interpreter",
    "comparison": "boto3 with one client, httpx, cryptography, Powertools Logger and Metrics",
    "function": "this build, to the first byte sent",
    "comparison_before": "the same imports, of the build before",
    "function_before": "the build before, to the first byte sent",
}


@dataclass(slots=True)
class Run:
    """Everything that one run has measured; `latencies` in seconds."""

    batches: Batches
    starts: Starts
    growth: Growth
    latencies: list[float]
    targets: list[Target] = field(default_factory=list)
    seconds: float = 0
    load: tuple[float, float] = (0, 0)


def document(run: Run) -> str:
    return render(
        "results.md.j2",
        run=run,
        latency_ms=LATENCY_MS,
        machine=_machine(),
        clients=_CLIENTS,
        processes=_PROCESSES,
        median=Figure.of,
        floor_trips=run.batches.over_trip("floor", 100),
        cuts=quantiles(run.latencies, n=100, method="inclusive"),
    )


def _machine() -> str:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0].partition(":")[2].strip() if models else name
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{name}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"
