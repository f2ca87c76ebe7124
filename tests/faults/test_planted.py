"""Each fault that is to be planted still has its place in the code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.deployed import ROOT
from tests.faults.planted import PLANTED, Planted


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_planted_fault_changes_one_place_of_code_that_still_compiles(
    planted: Planted, tmp_path: Path
) -> None:
    package = ROOT / "functions" / "cancel_payment"
    before = package / f"{planted.module}.py"
    shutil.copytree(package, tmp_path / "cancel_payment")

    planted.change(tmp_path)

    after = tmp_path / "cancel_payment" / f"{planted.module}.py"
    assert after.read_text() != before.read_text()
    compile(after.read_text(), after.name, "exec")
