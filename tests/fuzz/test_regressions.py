"""What the fuzzer found, kept for good: a directory of inputs for each target.

An input listed in `UNFIXED` still breaks its promise; whoever mends the code takes it off the
list, because an input that has begun to pass fails here as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.fuzz import targets
from tests.fuzz.finding import Finding

UNFIXED: Final[dict[str, str]] = {}


def cases() -> list[object]:
    found: list[object] = []
    for name in targets.NAMES:
        for file in targets.regressions(name):
            key = f"{name}/{file.name}"
            reason = UNFIXED.get(key, "")
            mark = pytest.mark.xfail(reason=reason, strict=True, raises=Finding)
            found.append(pytest.param(name, file, id=key, marks=[mark] if reason else []))
    return found


@pytest.mark.parametrize(("name", "file"), cases())
def test_what_was_once_found_keeps_its_promise(name: str, file: Path) -> None:
    targets.load(name).check(file.read_bytes())


def test_every_unfixed_input_is_there() -> None:
    kept = {f"{name}/{file.name}" for name in targets.NAMES for file in targets.regressions(name)}
    assert UNFIXED.keys() <= kept
