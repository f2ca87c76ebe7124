"""Data flows one way, and each part imports no more than its description says.

The order is read from the packages' own descriptions, so that a reader and this test follow the
same list.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "functions" / "cancel_payment"
FILES: Final = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
FOLDERS: Final = sorted({path.parent for path in FILES})
# In a description, an indented line: the module's name, what it is.
ENTRY: Final = re.compile(r"^    ([a-z_]+)/? +(.*)$", re.MULTILINE)
ABOUT_A_DOZEN: Final = 13
MOST_LINES: Final = 200
# What a pure module has no use for.
WORLD: Final = {"boto3", "botocore", "concurrent", "httpx", "os", "random", "socket", "ssl"}
WORLD |= {"threading", "time"}


def name_of(path: Path) -> str:
    """The module's name below the package, as in ``alipay.keys``."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def part_of(name: str) -> str:
    return name.partition(".")[0]


def imported(path: Path) -> set[str]:
    """The modules that a module imports, with their full names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module is not None, "imports are absolute"
            found.update(_module(node.module, one.name) for one in node.names)
    return found


def _module(module: str, name: str) -> str:
    """`module.name` where that is a module of the package, else `module`."""
    file = PACKAGE.parent.joinpath(*module.split("."), name).with_suffix(".py")
    return f"{module}.{name}" if file.exists() else module


def own(path: Path) -> set[str]:
    """The package's modules that a module imports, by their names below it."""
    prefix = "cancel_payment."
    return {one.removeprefix(prefix) for one in imported(path) if one.startswith(prefix)}


def description(folder: Path) -> str:
    return ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""


def listed(folder: Path) -> list[str]:
    return [name for name, _ in ENTRY.findall(description(folder))]


LINE: Final = [one for one in listed(PACKAGE)[:7]]
PURE: Final = {
    f"alipay.{name}"
    for name, what in ENTRY.findall(description(PACKAGE / "alipay"))
    if "(pure)" in what
} | {"record", "decision", "window", "execution_names"}


def test_line_is_that_of_the_contract() -> None:
    flow = ["app", "record", "attempts", "alipay", "decision", "effects", "report"]
    assert flow == LINE


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_module_imports_one_that_stands_before_it_in_the_line(path: Path) -> None:
    """Alipay+'s values (an answer, a code, a payment) are what all later steps speak of."""
    part = part_of(name_of(path))
    before = set(LINE[: LINE.index(part)] if part in LINE else LINE)
    spoken_of = {one for one in PURE if one.startswith("alipay.")}
    assert {one for one in own(path) - spoken_of if part_of(one) in before} == set()


@pytest.mark.parametrize("path", sorted((PACKAGE / "alipay").glob("*.py")), ids=lambda p: p.stem)
def test_call_of_alipay_knows_nothing_of_aws_queues_or_retries(path: Path) -> None:
    assert {one for one in own(path) if not one.startswith("alipay")} <= {"clock"}
    roots = {part_of(one) for one in imported(path)}
    assert not roots & {"boto3", "botocore", "aws_lambda_powertools"}
    order = listed(PACKAGE / "alipay")
    if path.stem in order:
        before = order[: order.index(path.stem)]
        assert not own(path) & {f"alipay.{one}" for one in before}


@pytest.mark.parametrize("name", sorted(PURE))
def test_pure_module_uses_nothing_of_the_world(name: str) -> None:
    path = PACKAGE.joinpath(*name.split(".")).with_suffix(".py")
    assert "Pure" in (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "") or "." in name
    assert own(path) <= PURE | {"model", "clock"}
    assert not {part_of(one) for one in imported(path)} & WORLD


def test_no_imports_go_round_in_a_circle() -> None:
    TopologicalSorter({name_of(path): own(path) for path in FILES}).prepare()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: one.name)
def test_folder_is_described_and_holds_about_a_dozen_modules_at_most(folder: Path) -> None:
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "app"}
    assert modules <= set(re.findall(r"[a-z_]+", description(folder)))
    assert len(modules) <= ABOUT_A_DOZEN


def test_every_file_can_be_read_in_one_sitting() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def importing(paths: Iterable[Path], names: set[str]) -> list[str]:
    return [str(path) for path in paths if {part_of(one) for one in imported(path)} & names]


def test_function_and_what_judges_it_import_nothing_of_each_other() -> None:
    assert importing(FILES, {"sandbox", "tests", "doctor", "benchmarks"}) == []
    support = ROOT / "tests" / "support"
    judges = [*(ROOT / "sandbox").rglob("*.py"), *support.glob("*.py")]
    assert importing(judges, {"cancel_payment"}) == [str(support / "function.py")]
