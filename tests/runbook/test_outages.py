"""What a person does in an outage and after it: by the runbook's own commands."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.runbook import deploys
from tests.runbook.conftest import Runbook
from tests.support.stack import CUTOFF_LONG_AGO, LONG_AGO, World, event, eventually

pytestmark = [pytest.mark.runbook, pytest.mark.timeout(280)]


def test_doctor_finds_nothing_wrong_with_a_deployed_stack(runbook: Runbook) -> None:
    assert f"{runbook.world.stack.name}: nothing is wrong" in runbook.run("doctor")


def test_a_payment_whose_tracker_was_stopped_is_taken_on_again(
    world: World, runbook: Runbook
) -> None:
    scenario = "SUCCEEDS-stopped"
    execution = world.track(scenario, wait=timedelta(hours=1))
    world.client("stepfunctions").stop_execution(executionArn=execution)

    assert execution in runbook.run("stopped-executions")
    told = runbook.read("payment-of-an-execution", EXECUTION=execution)
    assert runbook.run("publish-again", PAYMENT=json.dumps(told["payment"])).strip() == "0"

    world.cancelled(scenario)


def test_a_gateway_outage_of_three_hours_needs_nothing_but_its_end(
    world: World, runbook: Runbook
) -> None:
    """Three hours by the template's intervals are about twenty rounds of a tracker: five until the
    delay has grown to 15 minutes, then one in 11 minutes. Here the outage lasts for as many rounds,
    of 1 to 2 s each."""
    # Throttled so often that none is cancelled before the outage begins, however slow the machine.
    before = [f"THROTTLED-9-before-{number}" for number in range(3)]
    meanwhile = [f"SUCCEEDS-meanwhile-{number}" for number in range(5)]
    # Another procedure takes messages off the queue, whose trackers then wait for their tokens.
    others = int(runbook.run("count-trackers"))
    world.expire(*before)
    eventually(lambda: all(world.sends(one) for one in before), "the attempts before the outage")
    world.stand_in.set_mode("drops")
    world.expire(*meanwhile)
    eventually(lambda: all(len(world.sends(one)) > 20 for one in before), "twenty rounds")
    assert int(runbook.run("count-trackers")) >= len(before)
    runbook.run("why-unknown")
    assert [world.ends(one) for one in before + meanwhile] == [[]] * 8

    world.stand_in.set_mode("normal")

    world.cancelled(*before, *meanwhile)
    eventually(lambda: int(runbook.run("count-trackers")) <= others, "the end of all trackers")


def test_a_function_broken_by_a_deploy_is_rolled_back(world: World, runbook: Runbook) -> None:
    """Five hours of a broken function are 100 receives, each for 180 s (`maxReceiveCount`,
    `VisibilityTimeout`). Here it is 3 receives, each for 1 s, for the payments of the first five
    hours, and 100 again for those after them."""
    given_up = [f"SUCCEEDS-given-up-{number}" for number in range(3)]
    waiting = [f"SUCCEEDS-waiting-{number}" for number in range(3)]
    good = deploys.live_version(world)
    with deploys.queue_with(world, "VisibilityTimeout", "180 -> 1"):
        deploys.publish_a_broken_version(world)
        with deploys.queue_with(world, "RedrivePolicy", "100 -> 3"):
            world.expire(*given_up)
            runbook.wait_for_dead_letters(3)
        world.expire(*waiting)
        world.expire("SUCCEEDS-beyond-its-cutoff", created=LONG_AGO)
        eventually(lambda: deploys.receives(world) >= 8, "the broken function to fail again")
        looked = runbook.run("function-log")
        assert good in looked.split() and deploys.live_version(world) in looked
        assert runbook.read("dead-letters")[0]["reason"] is None

        runbook.run("roll-back", GOOD=good)

        assert deploys.live_version(world) == good
        # An event's own request is sent however late: the gateway has the last word.
        world.cancelled(*waiting, "SUCCEEDS-beyond-its-cutoff")
    assert world.waiting(world.stack.dead_letter_queue_url)[0] == 3
    runbook.run("redrive")
    world.cancelled(*given_up)


def test_a_payment_whose_cutoff_was_missed_is_asked_for_once_more_and_refunded(
    world: World, runbook: Runbook
) -> None:
    """The gateway is down when the closing call is made, and back when a person looks."""
    scenario = "UNKNOWN-missed"
    world.stand_in.register(event(scenario, LONG_AGO))
    world.stand_in.set_mode("unknown")
    try:
        execution = world.track(scenario, created=LONG_AGO, cutoff=CUTOFF_LONG_AGO)
        assert world.execution(scenario)["error"] == "Unresolved"
        eventually(lambda: world.ends(scenario) == ["UNRESOLVED"], "the call for a person")
    finally:
        world.stand_in.set_mode("normal")
    assert len(world.sends(scenario)) == 1

    told = runbook.read("payment-of-an-execution", EXECUTION=execution)
    runbook.run("publish-again", PAYMENT=json.dumps(told["payment"]))

    eventually(lambda: len(world.ends(scenario)) == 2, "the gateway's last word")
    assert world.ends(scenario) == ["UNRESOLVED", "REFUND_REQUIRED"]
    assert len(world.sends(scenario)) == 2
    refunds = [json.loads(one) for one in runbook.read("refunds")]
    assert scenario in {one["paymentRequestId"] for one in refunds}


def test_what_an_operator_looks_at_when_requests_wait_is_there(
    world: World, runbook: Runbook
) -> None:
    runbook.run("alarms")
    # Whatever the emulated AWS makes of the filter.
    assert isinstance(runbook.read("effects-that-failed"), list)
    assert "Enabled" in runbook.run("queue")
    assert "ConcurrentExecutions" in runbook.run("concurrency")
