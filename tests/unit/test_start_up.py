"""The start-up: what it leaves out, and the collector as the invocations that follow need it."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT

SCRIPT = """
import gc, sys
import cancel_payment.app
costly = [one for one in sys.modules if one.split(".")[0] in {"pydantic", "aws_xray_sdk"}]
print(costly, gc.isenabled(), gc.get_freeze_count() > 10_000)
"""


def test_start_up_leaves_out_what_costs_it_most_and_freezes_what_was_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"PYTHONPATH": str(ROOT / "functions")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[] True True"
