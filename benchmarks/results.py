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
from benchmarks.prose import item, paragraph, table
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
    return "\n".join(
        [
            "# Results",
            "",
            *paragraph(
                "Written by `make bench`, all in one run, which ends with an error where a target",
                "is missed. Medians, with the quartiles in brackets; ratios are of pairs measured",
                f"one after the other. The gateway answers after {LATENCY_MS} ms, over TLS, with a",
                "signature that is verified.",
            ),
            *paragraph(
                f"Machine: {_machine()}. Load average {run.load[0]:.1f} before, {run.load[1]:.1f}",
                f"after; the run took {run.seconds:.0f} s. Other work on the machine shows in the",
                "spread.",
            ),
            "## Targets",
            "",
            *table(
                ["what", "target", "the build before", "this build", ""],
                0,
                (target.row() for target in run.targets),
            ),
            *_batches(run.batches),
            *_starts(run.starts),
            *_growth(run.growth),
            *_latency(run.latencies),
            *_method(run.batches.verified),
        ]
    )


def _batches(found: Batches) -> list[str]:
    body = (
        [
            name,
            str(size),
            Figure.of(found.wall(who, size)).shown(scale=1e3),
            Figure.of(found.cpu(who, size)).shown(scale=1e3),
        ]
        for size in (1, 10, 100)
        for who, name in _CLIENTS.items()
        if found.wall(who, size)
    )
    head = ["who", "batch", "wall, ms", "CPU per record, ms"]
    return ["## Batches", "", *table(head, 3, body)]


def _starts(found: Starts) -> list[str]:
    body = (
        [
            name,
            Figure.of(found.cpu[kind]).shown(scale=1e3),
            Figure.of(found.rss[kind]).shown(scale=1 / 2**20),
            str(found.modules[kind]),
        ]
        for kind, name in _PROCESSES.items()
        if kind in found.modules
    )
    head = ["process", "CPU, ms", "resident, MiB", "modules"]
    return ["## Cold starts", "", *table(head, 3, body)]


def _growth(found: Growth) -> list[str]:
    body = (
        [
            f"{events:,}",
            Figure.of(values).shown(scale=1e3),
            Figure.of(found.over_floor[events]).shown(" x"),
        ]
        for events, values in found.cpu.items()
    )
    resident = [f"{found.rss[at] / 2**20:.1f} MiB" for at in (0, -1)]
    return [
        "## Growth",
        "",
        *table(["events", "CPU per record, ms", "over the floor beside it"], 3, body),
        *paragraph(
            "The whole handler, against a floor that has no effects.",
            f"Resident: {resident[0]} at first, {resident[1]} at the end.",
        ),
    ]


def _latency(seconds: list[float]) -> list[str]:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return [
        "## From event to outcome",
        "",
        *paragraph(
            f"{len(seconds)} payments through bus, queue, function and bus of the deployed local",
            f"stack, one at a time, the stand-in answering at once: {cuts[49] * 1e3:.0f} ms (p50),",
            f"{cuts[98] * 1e3:.0f} ms (p99), {max(seconds) * 1e3:.0f} ms at most. The embedded AWS",
            "has its share of that; there is no target.",
        ),
    ]


def _method(verified: int) -> list[str]:
    return [
        "## How it was measured",
        "",
        *item(
            "Each client is a process of its own; its processor time is `getrusage` of itself",
            "alone. Gateway and AWS are the doubles of the tests in one other process, with an",
            "answer signed beforehand. The signatures of the last",
            f"{verified:,} requests that the gateway got were verified afterwards.",
        ),
        *item(
            "The floor is libcurl with a kept connection per thread, one RSA signature, one",
            "verification, JSON twice, and nothing else.",
        ),
        *item(
            "The SDK (1.7.1) is used as its examples show. It connects to port 443 only; the",
            "port is the one thing changed in it. It runs on the function's cryptography instead",
            "of the older one that it pins.",
        ),
        *item(
            "A cold start is a fresh process with bytecode, the file cache warm, up to the",
            "connection to the gateway. It holds reading the secret over HTTP, loading all",
            "certificate authorities and testing the private key, which the comparison does not.",
        ),
        "",
    ]


def _machine() -> str:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0].partition(":")[2].strip() if models else name
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{name}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"
