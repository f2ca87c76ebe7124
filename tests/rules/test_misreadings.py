"""Each misreading of `misreadings`, planted into a copy of the package, turns its tests red."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rules.misreadings import MISREADINGS, Misreading

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "functions" / "cancel_payment"
ALL_GREEN, SOME_RED = 0, 1

type Judge = Callable[[Path, str, str], tuple[int, str]]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """Runs selected tests against a copy; pytest's exit code and what it printed."""
    command = [sys.executable, "-m", "tests.rules.judge"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        requests, answers = process.stdin, process.stdout

        def ask(copy: Path, file: str, selection: str) -> tuple[int, str]:
            print(json.dumps([str(copy.parent), file, selection]), file=requests, flush=True)
            code, printed = json.loads(answers.readline())
            return code, printed

        yield ask
        requests.close()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that may be changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(PACKAGE, tmp_path / "cancel_payment", ignore=ignored))


@pytest.mark.parametrize("file", ["test_window.py", "test_whole_table.py", "test_histories.py"])
def test_without_a_misreading_all_is_green(file: str, copy: Path, judge: Judge) -> None:
    code, printed = judge(copy, file, "shanghai or third or called_what")

    assert code == ALL_GREEN, printed


def test_what_is_judged_is_the_copy(copy: Path, judge: Judge) -> None:
    (copy / "window.py").write_text("raise RuntimeError('this is the copy')")
    _, printed = judge(copy, "test_window.py", "shanghai")

    assert "this is the copy" in printed


@pytest.mark.parametrize("misreading", MISREADINGS, ids=str)
def test_a_misreading_turns_its_tests_red(misreading: Misreading, copy: Path, judge: Judge) -> None:
    source = copy / misreading.file
    text = source.read_text()
    assert text.count(misreading.old) == 1, (
        f"cannot plant {misreading.name!r}: {misreading.file} no longer holds, exactly once, "
        f"{misreading.old!r}. Write the misreading anew for the source as it is now."
    )
    source.write_text(text.replace(misreading.old, misreading.new))

    code, printed = judge(copy, *misreading.red)

    red = code == SOME_RED and f"FAILED tests/rules/{misreading.red[0]}" in printed
    assert red, f"{misreading.name!r} went unnoticed by {misreading.red}:\n{printed}"
