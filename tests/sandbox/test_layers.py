"""The sandbox's packages: each knows only those before it."""

import re
from pathlib import Path

import sandbox

ROOT = Path(sandbox.__file__).parent
ORDER = re.findall(r"^    (\w+) ", sandbox.__doc__ or "", re.MULTILINE)


def test_every_package_knows_only_those_before_it():
    assert set(ORDER) == {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    for place, package in enumerate(ORDER):
        for path in (ROOT / package).rglob("*.py"):
            known = set(re.findall(r"^\s*from sandbox\.(\w+)", path.read_text(), re.MULTILINE))
            assert known <= {*ORDER[: place + 1], "bootstrap"}, path
