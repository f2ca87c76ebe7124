"""The house: data flows one way, and no module imports one that stands before it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "functions" / "cancel_payment"
BESIDE: Final = [
    Path("sandbox"),
    Path("sandbox/view"),
    Path("sandbox/pictures"),
    Path("doctor"),
    Path("benchmarks/scale"),
]
LINE: Final = (
    "app",
    "request",
    "message",
    "attempts",
    "gateway",
    "transport",
    "proof",
    "signing",
    "result",
    "decision",
    "effects",
    "outcomes",
    "tracker",
    "rejects",
    "visibility",
    "report",
)
FILES: Final = sorted(path for path in PACKAGE.glob("*.py") if path.stem != "__init__")


def imported(path: Path) -> set[str]:
    """The package's modules that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module == "cancel_payment":
            found.update(name.name for name in node.names)
        elif node.module.startswith("cancel_payment."):
            found.add(node.module.removeprefix("cancel_payment."))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_module_imports_one_that_stands_before_it(path: Path) -> None:
    # The rim and the vocabulary use nothing of the line.
    place = LINE.index(path.stem) if path.stem in LINE else len(LINE)
    assert imported(path) & set(LINE[:place]) == set()


def test_every_module_stands_in_the_description_of_the_package() -> None:
    described = re.findall(r"[a-z_]+", ast.get_docstring(ast.parse(_description())) or "")
    assert {path.stem for path in FILES} <= set(described)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_stays_a_room(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 160


@pytest.mark.parametrize("package", BESIDE, ids=str)
def test_every_room_beside_the_function_stands_in_the_description_of_its_package(
    package: Path,
) -> None:
    directory = ROOT / package
    rooms = {path.stem for path in directory.glob("*.py")} - {"__init__", "__main__"}
    rooms |= {path.parent.name for path in directory.glob("*/__init__.py")}
    text = ast.get_docstring(ast.parse((directory / "__init__.py").read_text())) or ""
    assert rooms - set(re.findall(r"[a-z_]+", text)) == set()


@pytest.mark.parametrize("path", sorted((ROOT / "sandbox").rglob("*.py")), ids=lambda p: p.stem)
def test_the_sandbox_imports_nothing_of_what_it_judges(path: Path) -> None:
    assert "cancel_payment" not in re.findall(r"(?:from|import) (\w+)", path.read_text())


def _description() -> str:
    return (PACKAGE / "__init__.py").read_text()
