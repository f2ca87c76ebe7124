"""benchmarks/RESULTS.md and its plot, from what one run has measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import sections
from benchmarks.attempts import Batches
from benchmarks.cold import Starts
from benchmarks.deployed import Deployed
from benchmarks.figures import Target
from benchmarks.growth import Growth
from benchmarks.invocation import Invocations
from benchmarks.plot import plot
from benchmarks.prose import item, paragraph

HERE = Path(__file__).parent


@dataclass(slots=True)
class Run:
    """Everything that one run has measured; `parts` by client, in seconds a record."""

    batches: Batches
    parts: Mapping[str, Mapping[str, float]]
    invocations: Invocations
    starts: Starts
    growth: Growth
    deployed: Deployed
    targets: list[Target] = field(default_factory=list)
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
                "100 ms, over TLS, with a signature that is verified.",
            ),
            *paragraph(
                f"Machine: {_machine()}. Load average {run.load[0]:.1f} before, {run.load[1]:.1f}",
                f"after; the run took {run.seconds:.0f} s. Other work on the machine shows in",
                "the spread. There is no previous release to compare with yet; from the first on,",
                "`python -m benchmarks --artifact DIRECTORY` measures its build in the same way.",
            ),
            "## Targets",
            "",
            "| what | target | measured | |",
            "| --- | --- | --- | --- |",
            *(target.row() for target in run.targets),
            "",
            *_missed(run.targets),
            "![Processor time and wall time](results.svg)",
            "",
            *sections.batches(run.batches),
            *sections.above_the_floor(run.parts),
            *sections.invocations(run.invocations),
            *sections.starts(run.starts),
            *sections.growth(run.growth, run.deployed),
            *_method(run.batches.verified),
            "",
        ]
    )


def _missed(targets: list[Target]) -> list[str]:
    lines = [
        line
        for target in targets
        if not target.met
        for line in item(f"Missed, {target.name}: {target.cause}")
    ]
    return [*lines, ""] if lines else []


def _machine() -> str:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0].partition(":")[2].strip() if models else name
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{name}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def _method(verified: int) -> list[str]:
    return [
        "## How it was measured",
        "",
        *item(
            "Each client is a process of its own; its processor time is `getrusage` of itself",
            "alone. Gateway and AWS are one other process with an answer signed beforehand",
            "(`servers.py`): the stand-in of the sandbox signs each answer, which takes a core",
            f"that the client needs. The signatures of {verified} requests that the gateway got",
            "were verified afterwards.",
        ),
        *item(
            "The floor is libcurl with a kept connection per thread, one RSA signature, one",
            "verification, JSON twice, and nothing else. Processor time of a warm call without",
            "RSA, tried once: libcurl 0.06 ms, `http.client` 0.20, httpcore 0.24, httpx as it is",
            "used here 0.34, httpx with a pool and a cookie jar 0.53.",
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
    ]


def write(run: Run) -> None:
    (HERE / "RESULTS.md").write_text(document(run))
    plot(run.batches, HERE / "results.svg")
