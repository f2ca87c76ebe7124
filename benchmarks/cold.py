"""Cold starts of the artifact as deployed, beside what a function of this kind imports anyway."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from benchmarks.figures import Figure, Target, ratio
from benchmarks.lab import Lab, run_json
from sandbox.build import ROOT

KINDS = ("bare", "comparison", "function")


@dataclass(slots=True)
class Starts:
    """By kind: seconds of processor time, seconds by the clock, resident bytes, modules loaded.
    By step of the function's own start, in their order: seconds of processor time."""

    cpu: dict[str, list[float]] = field(default_factory=dict)
    wall: dict[str, list[float]] = field(default_factory=dict)
    rss: dict[str, list[float]] = field(default_factory=dict)
    modules: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[float]] = field(default_factory=dict)


def measure(lab: Lab, rounds: int) -> Starts:
    found = Starts()
    with lab.serving(0) as serving:
        environment = serving.function_environment | {"PYTHONPATH": str(lab.artifact)}
        script = ROOT / "benchmarks" / "cold_start.py"
        for _ in range(rounds):
            for kind in KINDS:
                began = time.clock_gettime(time.CLOCK_MONOTONIC)
                one = run_json([lab.python, script, kind], environment)
                found.cpu.setdefault(kind, []).append(one["cpu"])
                found.wall.setdefault(kind, []).append(one["wall"] - began)
                found.rss.setdefault(kind, []).append(one["rss"])
                found.modules[kind] = int(one["modules"])
            for part, cpu in run_json([lab.python, script, "parts"], environment).items():
                found.parts.setdefault(part, []).append(cpu)
    return found


def targets(found: Starts) -> list[Target]:
    """The targets of this part; the first pair of rounds fills the file cache."""

    def over(values: dict[str, list[float]]) -> Figure:
        return ratio(values["function"][1:], values["comparison"][1:])

    cause = "the steps below Powertools in *Cold starts*."
    name = "cold start to the first byte sent, CPU over the imports"
    return [
        Target(name, over(found.cpu), 1.15, " x", cause=cause),
        Target("the same by the clock", over(found.wall), 1.15, " x", cause=cause),
        Target("memory at that moment over the imports", over(found.rss), 1.1, " x", cause=cause),
    ]
