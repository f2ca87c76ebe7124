"""Fuzz every target: ``python -m tests.fuzz.run --seconds N [--seed S] [--runs R] [TARGET…]``.

Each target runs in its own process, one after the other, from the seed corpus alone, so that the
same seed and number of runs make the same inputs (but for the keys of `secret`, which are made
anew). Exit 0: nothing found; 1: a finding, its input and traceback lie in the git-ignored
``tests/fuzz/.work/TARGET/findings``; 2: the fuzzer does not run here.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fuzz import targets

_WORK: Final = targets.HERE / ".work"
_ROOT: Final = targets.HERE.parents[1]
_EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_PROGRESS = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")
_GRACE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Report:
    """What came of fuzzing one target."""

    target: str
    executions: int
    coverage: int
    features: int
    inputs: int
    findings: Sequence[Path]
    failure: str

    def __str__(self) -> str:
        said = (
            f"{self.target}: {self.executions:,} executions, {self.coverage} edges, "
            f"{self.features} features, {self.inputs} inputs kept, {len(self.findings)} findings"
        )
        lines = [f"  {path.stem}: {path.read_bytes()[:200]!r}" for path in self.findings]
        return "\n".join([said, *lines, *([self.failure] if self.failure else [])])


def fuzz(target: str, *, seconds: int, runs: int, seed: int) -> Report:
    """Fuzz one target in a process of its own."""
    work = _WORK / target
    shutil.rmtree(work, ignore_errors=True)
    for name in ("corpus", "findings"):
        (work / name).mkdir(parents=True)
    limits = [f"--seconds={seconds}", f"--runs={runs}", f"--seed={seed}"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.worker", target, work, *limits],
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": f"functions{os.pathsep}.", "PYTHONHASHSEED": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        timeout=seconds + _GRACE_SECONDS if seconds else None,
        check=False,
    )
    executed = _EXECUTIONS.findall(done.stderr)
    progress = _PROGRESS.findall(done.stderr)
    coverage, features, inputs = map(int, progress[-1]) if progress else (0, 0, 0)
    whole = done.returncode == 0 and executed
    return Report(
        target,
        int(executed[-1]) if executed else 0,
        coverage,
        features,
        inputs,
        sorted(path for path in (work / "findings").iterdir() if path.suffix != ".txt"),
        "" if whole else f"the fuzzer ended with {done.returncode}:\n{done.stderr[-2000:]}",
    )


def main() -> int:
    """Fuzz the targets asked for and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=" ".join(targets.NAMES))
    parser.add_argument("--seconds", type=int, default=0, help="for each target; 0: no limit")
    parser.add_argument("--runs", type=int, default=-1, help="for each target; -1: no limit")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if unknown := set(given.targets) - set(targets.NAMES):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    if given.seconds <= 0 and given.runs < 0:
        parser.error("give --seconds or --runs")
    if importlib.util.find_spec("atheris") is None:
        print("the fuzzer (atheris) has no build for this platform; pytest replays the corpus")
        return 2
    reports = []
    for name in given.targets or targets.NAMES:
        reports.append(fuzz(name, seconds=given.seconds, runs=given.runs, seed=given.seed))
        print(reports[-1], flush=True)
    return 1 if any(report.findings or report.failure for report in reports) else 0


if __name__ == "__main__":
    raise SystemExit(main())
