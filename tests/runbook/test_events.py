"""Events that should not have been published, and events that were not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.runbook.conftest import Runbook
from tests.support.stack import LONG_AGO, World, event, eventually

pytestmark = [pytest.mark.runbook, pytest.mark.timeout(280)]


def test_wrong_events_are_sorted_out_while_nothing_is_sent(
    world: World, runbook: Runbook, tmp_path: Path
) -> None:
    """What is received and kept comes back after a minute here, not after a quarter of an hour."""
    right = [f"SUCCEEDS-right-{number}" for number in range(12)]
    wrong = [f"SUCCEEDS-wrong-{number}" for number in range(12)]
    right_tracked, wrong_tracked = "SUCCEEDS-right-tracked", "SUCCEEDS-wrong-tracked"

    runbook.run("stop-calling")
    eventually(lambda: "Disabled" in runbook.run("queue"), "the mapping to be disabled")
    # Longer than the embedded AWS takes from one poll to the next.
    world.expire("SUCCEEDS-last-one-out")
    for scenario in (right_tracked, wrong_tracked):
        world.track(scenario, wait=timedelta(seconds=1))
    for first in (0, 6):
        world.expire(*right[first : first + 6])
        world.expire(*wrong[first : first + 4])
        world.expire(*wrong[first + 4 : first + 6])
    world.send(world.stack.queue_url, "not JSON")
    eventually(lambda: world.waiting(world.stack.queue_url)[0] == 28, "all of them to wait")
    assert len(runbook.read("look-at-requests")) == 10
    file = tmp_path / "wrong.txt"
    by_other_id = event(wrong[0])["paymentId"]
    file.write_text("\n".join([by_other_id, *wrong[1:], wrong_tracked]) + "\n")
    runbook.run("stop-trackers", WRONG=str(file))
    runbook.run("sort-out", WRONG=str(file), AGAIN="60")
    runbook.run("go-on")

    world.cancelled(*right, right_tracked, "SUCCEEDS-last-one-out")
    runbook.wait_for_dead_letters(1)
    assert world.execution(wrong_tracked)["status"] == "ABORTED"
    for scenario in [*wrong, wrong_tracked]:
        assert (world.sends(scenario), world.ends(scenario)) == ([], [])


def test_payments_of_a_publisher_that_was_down_are_published_from_a_file(
    world: World, runbook: Runbook, tmp_path: Path
) -> None:
    missed = [f"SUCCEEDS-missed-{number}" for number in range(23)]
    late = "UNKNOWN-missed-late"
    world.stand_in.register(event(late, LONG_AGO))
    events = [*(event(one) for one in missed), event(late, LONG_AGO)]
    file = tmp_path / "payments.jsonl"
    lines = [json.dumps(one) for one in events]
    file.write_text("\n".join([*lines, '{"paymentRequestId": "no date"}']))
    with pytest.raises(AssertionError, match="line 25: paymentCreateTime"):
        runbook.run("check-payments", FILE=str(file))
    file.write_text("\n".join(lines))

    assert "1 of them are past their cutoff" in runbook.run("check-payments", FILE=str(file))
    assert "published 24" in runbook.run("publish-payments", FILE=str(file))
    assert "published 0" in runbook.run("publish-payments", FILE=str(file))

    world.cancelled(*missed)
    eventually(lambda: world.ends(late) == ["REFUND_REQUIRED"], "the gateway's last word")
