"""The start-up leaves the collector as it must be for the invocations that follow."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT


def test_collector_works_again_and_leaves_alone_what_was_imported() -> None:
    script = "import gc, cancel_payment.app; print(gc.isenabled(), gc.get_freeze_count() > 10_000)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(ROOT / "functions")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "True"]
