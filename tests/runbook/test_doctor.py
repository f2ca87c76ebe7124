"""The doctor, by the runbook's own command."""

from __future__ import annotations

import pytest

from tests.runbook.document import Runbook

pytestmark = [pytest.mark.runbook, pytest.mark.timeout(280)]


def test_doctor_finds_nothing_wrong_with_a_deployed_stack(runbook: Runbook) -> None:
    assert f"{runbook.stack.name}: nothing is wrong" in runbook.run("doctor")
