"""The sandbox's packages: each knows only those before it, and nothing goes round in a circle."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

import sandbox

ROOT = Path(sandbox.__file__).parent
ORDER = re.findall(r"^    (\w+) ", sandbox.__doc__ or "", re.MULTILINE)
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ROOT.rglob("*.py")
}
ABOUT_A_DOZEN = 13


def imported(path: Path) -> set[str]:
    """The sandbox's modules that a module imports, by their names below it."""
    found = set()
    for package, names in re.findall(
        r"^\s*from sandbox([.\w]*) import (\([^)]*\)|.*)$", path.read_text(), re.MULTILINE
    ):
        package = package.removeprefix(".")
        found |= {f"{package}.{one}" for one in re.findall(r"(\w+)(?: as \w+)?", names)} | {package}
    return found & MODULES.keys()


def test_every_package_knows_only_those_before_it():
    assert set(ORDER) == {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    for name, path in MODULES.items():
        package = name.partition(".")[0]
        if package in ORDER:
            known = {one.partition(".")[0] for one in imported(path)}
            assert known <= set(ORDER[: ORDER.index(package) + 1]), name


def test_nothing_goes_round_in_a_circle():
    graph = {name: imported(path) for name, path in MODULES.items()}
    assert sum(map(len, graph.values())) > 100
    TopologicalSorter(graph).prepare()


def test_no_folder_is_too_full_and_no_file_too_long():
    for folder in {path.parent for path in MODULES.values()}:
        assert len([one for one in folder.glob("*.py") if one.stem != "__init__"]) <= ABOUT_A_DOZEN
    for name, path in MODULES.items():
        assert len(path.read_text().splitlines()) <= 220, name
