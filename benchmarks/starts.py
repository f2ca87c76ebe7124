"""Cold starts of the build, beside what a function of this kind imports anyway."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figure, Target, ratio
from benchmarks.lab import BEFORE, PYTHON, THIS, run_json, serving
from sandbox.stack.build import ROOT

SCRIPT = ROOT / "benchmarks" / "cold_start.py"


@dataclass(slots=True)
class Starts:
    """By process: seconds of processor time, resident bytes, modules loaded."""

    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    rss: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    modules: dict[str, int] = field(default_factory=dict)


def measure(builds: list[Path], rounds: int) -> Starts:
    found = Starts()
    kinds = {"bare": THIS, "comparison": THIS, "function": THIS}
    if BEFORE in builds:
        kinds |= {"comparison_before": BEFORE, "function_before": BEFORE}
    with serving(0) as servers:
        for round_ in range(rounds + 1):
            for kind, build in kinds.items():
                environment = servers.environment(build) | {"PYTHONPATH": str(build)}
                command = [PYTHON, SCRIPT, kind.removesuffix("_before")]
                # The one of two that was disturbed less: other work on the machine only adds.
                one = min(
                    (run_json(command, environment) for _ in range(2)), key=lambda one: one["cpu"]
                )
                if round_:  # the first fills the file cache
                    found.cpu[kind].append(one["cpu"])
                    found.rss[kind].append(one["rss"])
                    found.modules[kind] = int(one["modules"])
    return found


def targets(found: Starts) -> list[Target]:
    def over(values: dict[str, list[float]], which: str = "") -> Figure | None:
        function = values.get(f"function{which}")
        return ratio(function, values[f"comparison{which}"]) if function else None

    cpu, rss = over(found.cpu), over(found.rss)
    assert cpu is not None
    assert rss is not None
    name = "cold start to the first byte sent, CPU over the imports"
    before = over(found.cpu, "_before"), over(found.rss, "_before")
    return [
        Target(name, cpu, 1.15, " x", quartiles=True, before=before[0]),
        Target("memory at that moment over the imports", rss, 1.1, " x", before=before[1]),
    ]
