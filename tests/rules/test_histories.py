"""A few histories by hand, in the world of the stateful model: the ones that a reader asks about.

Sources: design.md, "Effects, and their order" and "The tracker".
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rules.alipay import Alipay
from tests.rules.line import CUTOFF, Line
from tests.rules.model_aws import Fault
from tests.rules.model_gateway import Mood
from tests.rules.model_world import World

MINUTE = timedelta(minutes=1)
CANCELLED, UNRESOLVED = "Payment Cancelled", "Payment Cancellation Unresolved"
FAILED, REFUND = "Payment Cancellation Failed", "Payment Refund Required"


@pytest.fixture
def world(line: Line, alipay: Alipay) -> World:
    return World(line, alipay)


def deliver(world: World, *faults: Fault) -> None:
    world.deliver(world.queue.receivable(world.now), faults)
    assert world.forgotten() == set()


def track(world: World, payment: str) -> None:
    """Throttled at once, so that its tracker starts."""
    world.gateway.moods[payment] = Mood.THROTTLES
    world.publish(payment)
    deliver(world)


def close(world: World) -> None:
    """Let the window close upon everything that is tracked."""
    while world.trackers.running():
        moment = world.next_moment()
        assert moment is not None
        world.advance(moment)
        if world.queue.receivable(world.now):
            deliver(world)


def names(world: World) -> dict[str, str]:
    return {name: one.status for name, one in world.trackers.executions.items()}


def events(world: World) -> list[str]:
    return [one.detail_type for one in world.outcomes]


def test_a_payment_unknown_for_ever_ends_as_unresolved_and_nothing_else(world: World) -> None:
    world.publish("P")
    while world.next_moment() is not None:
        world.advance(world.next_moment() or CUTOFF)
        deliver(world)

    assert events(world) == [UNRESOLVED]
    assert names(world) == {"P": "FAILED"}
    assert CUTOFF - MINUTE < world.now <= CUTOFF


def test_a_gateway_that_recovers_in_the_evening_gets_its_payment_cancelled(world: World) -> None:
    track(world, "P")
    while world.now < CUTOFF - timedelta(hours=4):
        world.advance(world.next_moment() or CUTOFF)
        deliver(world)
    recovered, world.gateway.moods["P"] = world.now, Mood.CANCELS
    close(world)

    assert events(world) == [CANCELLED]
    assert names(world) == {"P": "SUCCEEDED"}
    assert world.now <= recovered + 15 * MINUTE


def test_a_second_event_starts_no_second_tracker(world: World) -> None:
    track(world, "P")
    track(world, "P")

    assert names(world) == {"P": "RUNNING"}
    assert world.queue.messages == []


def test_a_tracker_that_has_ended_is_followed_by_the_next(world: World) -> None:
    for _ in range(3):
        track(world, "P")
        world.gateway.moods["P"] = Mood.CANCELS
        close(world)

    assert names(world) == {"P": "SUCCEEDED", "P-2": "SUCCEEDED", "P-3": "SUCCEEDED"}


def test_a_payment_called_what_the_second_tracker_would_be_called_is_another(world: World) -> None:
    track(world, "P")
    world.gateway.moods["P"] = Mood.CANCELS
    close(world)
    track(world, "P-2")
    track(world, "P")

    assert names(world) == {"P": "SUCCEEDED", "P-2": "RUNNING", "P-3": "RUNNING"}
    assert world.twice_tracked() == set()


def test_a_token_that_timed_out_is_dropped_and_the_tracker_goes_on(world: World) -> None:
    track(world, "P")
    world.advance(world.now + MINUTE)
    [late] = world.queue.receivable(world.now)
    world.advance(world.now + 46 * MINUTE)
    world.deliver([late])

    assert names(world) == {"P": "RUNNING"}
    assert late not in world.queue.messages
    assert events(world) == []


def test_an_outcome_from_a_late_attempt_still_goes_out(world: World) -> None:
    track(world, "P")
    world.advance(world.now + MINUTE)
    [late] = world.queue.receivable(world.now)
    world.advance(world.now + 46 * MINUTE)
    world.gateway.moods["P"] = Mood.CANCELS
    world.deliver([late])

    assert events(world) == [CANCELLED]


@pytest.mark.parametrize("fault", [one for one in Fault if one is not Fault.NONE])
@pytest.mark.parametrize("mood", [Mood.CANCELS, Mood.REFUSES, Mood.THROTTLES, Mood.UNKNOWN])
@pytest.mark.parametrize("untroubled", [0, 1])
def test_a_fault_of_one_aws_call_costs_a_delivery_and_no_payment(
    world: World, mood: Mood, fault: Fault, untroubled: int
) -> None:
    world.gateway.moods["P"] = mood
    world.publish("P")
    deliver(world, *[Fault.NONE] * untroubled, fault)
    if world.queue.messages:
        world.advance(world.now + 3 * MINUTE)
        deliver(world)

    ended = {Mood.CANCELS: [CANCELLED], Mood.REFUSES: [FAILED]}.get(mood, [])
    assert sorted(set(events(world))) == ended
    assert bool(world.queue.dead) == (mood is Mood.REFUSES)
    # Three minutes later, an unknown is the tracker's.
    assert names(world) == ({} if ended else {"P": "RUNNING"})


def test_a_failure_that_was_mended_and_redriven_is_cancelled(world: World) -> None:
    world.gateway.moods["P"] = Mood.REFUSES
    world.publish("P")
    deliver(world)
    world.gateway.moods["P"] = Mood.CANCELS
    world.redrive_dead_letters()
    deliver(world)

    assert events(world) == [FAILED, CANCELLED]


def test_a_failed_tracker_that_is_redriven_asks_again(world: World) -> None:
    track(world, "P")
    world.gateway.moods["P"] = Mood.REFUSES
    close(world)
    [failed] = world.trackers.executions.values()
    assert (failed.status, failed.error) == ("FAILED", "PROCESS_FAIL")
    assert world.queue.dead == []
    world.gateway.moods["P"] = Mood.CANCELS
    world.redrive_tracker(failed)
    close(world)

    assert events(world) == [FAILED, CANCELLED]
    assert failed.status == "SUCCEEDED"


def test_a_payment_that_was_cancelled_unheard_is_cancelled_once_it_is_heard(world: World) -> None:
    world.gateway.moods["P"] = Mood.CANCELS_UNHEARD
    world.publish("P")
    deliver(world)
    assert events(world) == []
    world.gateway.moods["P"] = Mood.REFUSES
    world.advance(world.now + MINUTE)
    deliver(world)

    assert events(world) == [CANCELLED]


def test_an_event_of_the_next_day_is_asked_about_once_and_answered_by_the_gateway(
    world: World,
) -> None:
    world.advance(CUTOFF + timedelta(hours=10))
    world.gateway.moods["P"] = Mood.CANCELS
    world.publish("P")
    deliver(world)

    assert events(world) == [REFUND]
