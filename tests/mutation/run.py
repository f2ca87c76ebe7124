"""Mutation testing of the function: every mutant that no test notices is printed.

    python -m tests.mutation.run [--least PERCENT] [--every N] [MODULE ...]

Judged by the unit and the integration tests together. MODULE, as in ``alipay/keys``, narrows it
down; N takes every Nth mutant.

mutmut works on a copy in a temporary directory: it wants the package below ``src``, and it writes
beside what it mutates.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
NOTICED: Final = {"killed", "timeout", "caught by type check"}
PACKAGE: Final = ROOT / "functions" / "cancel_payment"
# They judge files and the start-up, or generate for longer than a mutant is worth.
LEFT_OUT: Final = (
    "tests/unit/test_architecture.py",
    "tests/unit/test_start_up.py",
    "tests/integration/generators",
)
TESTS: Final = ("tests/unit", "tests/integration", *(f"--ignore={one}" for one in LEFT_OUT))
# A test that hangs is one that fails; most mutants are found by the first examples of a generator.
SETTINGS: Final = """
[tool.mutmut]
source_paths = [{paths}]
pytest_add_cli_args_test_selection = [{tests}]
pytest_add_cli_args = ["--timeout=30", "--hypothesis-profile=few", "-p", "no:cacheprovider"]
also_copy = ["tests", "src", "sandbox", "events", "docs"]
timeout_multiplier = 1.0
timeout_constant = 60.0
"""


def main() -> int:
    """Returns 0 if at least the wanted percentage of mutants is noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--least", type=float, default=95.0)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("module", nargs="*")
    options = parser.parse_args()
    os.environ["MUTATION_EVERY"] = str(options.every)
    with tempfile.TemporaryDirectory(prefix="mutation-") as directory:
        copy = Path(directory)
        _copy(copy, options.module)
        said = _mutmut(copy, "run")
        lines = _mutmut(copy, "results", "--all", "true").splitlines()
        states = [line.strip().split(": ") for line in lines if ": " in line]
        found = {name: state for name, state in states if state != "not checked"}
        if not found:
            print(said[-3000:], "not one mutant was checked", sep="\n", file=sys.stderr)
            return 2
        unnoticed = [name for name, state in found.items() if state not in NOTICED]
        for name in unnoticed:
            print(f"\n{name}: {found[name]}")
            shown = _mutmut(copy, "show", name).splitlines()
            print("\n".join(line for line in shown if re.match(r"[+-](?![+-])", line)))
    score = 100 * (1 - len(unnoticed) / len(found))
    print(f"\n{len(found)} mutants, {len(unnoticed)} unnoticed: {score:.1f} % noticed")
    return 0 if score >= options.least else 1


def _copy(copy: Path, modules: list[str]) -> None:
    for name in ("tests", "sandbox", "events", "docs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(ROOT / "functions", copy / "src")
    settings = (ROOT / "pyproject.toml").read_text().replace('"functions"', '"src"')
    every = [str(path.relative_to(PACKAGE).with_suffix("")) for path in PACKAGE.rglob("*.py")]
    names = modules or [name for name in every if not name.endswith("__init__")]
    added = SETTINGS.format(
        paths=_listed(f"src/cancel_payment/{name}.py" for name in names), tests=_listed(TESTS)
    )
    (copy / "pyproject.toml").write_text(settings + added)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(f'"{text}"' for text in texts)


def _mutmut(copy: Path, *arguments: str) -> str:
    """What mutmut says; it writes to a file, so that a long run can be followed."""
    program = Path(__file__).with_name("collected_once.py")
    with (copy / "said").open("w+") as said:
        subprocess.run(
            [sys.executable, "-W", "ignore", str(program), *arguments],
            cwd=copy,
            env={**os.environ, "CI": "true"},
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said.seek(0)
        return said.read()


if __name__ == "__main__":
    sys.exit(main())
