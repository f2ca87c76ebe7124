"""Mutation testing of the function: every mutant that no test notices is printed.

    python -m tests.mutation.run [--least PERCENT] [MODULE ...]

Judged by the unit and the integration tests together; MODULE, as in ``alipay/keys``, narrows it
down. The whole takes about an hour on two cores.

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
# They judge files, the start-up and the examples, or generate for longer than a mutant is worth.
LEFT_OUT: Final = (
    "tests/unit/test_publish_again.py",
    "tests/unit/test_verify_proof.py",
    "tests/unit/test_architecture.py",
    "tests/unit/test_start_up.py",
    "tests/integration/generators",
)
TESTS: Final = ("tests/unit", "tests/integration", *(f"--ignore={one}" for one in LEFT_OUT))
SETTINGS: Final = """
[tool.mutmut]
source_paths = [{paths}]
pytest_add_cli_args_test_selection = [{tests}]
also_copy = ["tests", "src", "sandbox", "events", "docs"]
"""
# mutmut 3.7 reads a private name of pytest that pytest 9.2 no longer has.
MUTMUT: Final = """
from _pytest.nodes import Node
Node._nodeid = property(lambda node: node.nodeid)
from mutmut.__main__ import cli
cli()
"""


def main() -> int:
    """Returns 0 if at least the wanted percentage of mutants is noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--least", type=float, default=95.0)
    parser.add_argument("module", nargs="*")
    options = parser.parse_args()
    least = options.least
    with tempfile.TemporaryDirectory(prefix="mutation-") as directory:
        copy = Path(directory)
        _copy(copy, options.module)
        said = _mutmut(copy, "run", check=False)
        lines = _mutmut(copy, "results", "--all", "true").splitlines()
        found = dict(line.strip().split(": ") for line in lines if ": " in line)
        if not found or set(found.values()) == {"not checked"}:
            print(said[-3000:], "not one mutant was checked", sep="\n", file=sys.stderr)
            return 2
        unnoticed = [name for name, state in found.items() if state not in NOTICED]
        for name in unnoticed:
            print(f"\n{name}: {found[name]}")
            shown = _mutmut(copy, "show", name).splitlines()
            print("\n".join(line for line in shown if re.match(r"[+-](?![+-])", line)))
    score = 100 * (1 - len(unnoticed) / len(found))
    print(f"\n{len(found)} mutants, {len(unnoticed)} unnoticed: {score:.1f} % noticed")
    return 0 if score >= least else 1


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


def _mutmut(copy: Path, *arguments: str, check: bool = True) -> str:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MUTMUT, *arguments],
        cwd=copy,
        env={**os.environ, "CI": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=check,
    ).stdout


if __name__ == "__main__":
    sys.exit(main())
