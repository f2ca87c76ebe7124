"""When the next attempt is made, with the jitter at both ends and in between."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from itertools import product

import pytest
from cancel_payment.alipay.result import Result
from cancel_payment.decision import SlowRetry, decide
from cancel_payment.model import CancelRequest, Decision, Requeue, Track
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cases import (
    CUTOFF,
    FIRST,
    LONGEST,
    MICROSECOND,
    RESULTS,
    SHORTEST,
    SLOW,
    jitter,
    seconds,
    tracked,
    untracked,
)


def next_attempt(decision: Decision) -> datetime:
    assert isinstance(decision, Requeue | Track)
    return decision.visible_at if isinstance(decision, Requeue) else decision.next_attempt_at


def delays(request: CancelRequest, now: datetime, result: str = "U") -> tuple[float, float]:
    """The shortest and the longest time to the next attempt, in seconds."""
    ends = [
        (next_attempt(decide(request, RESULTS[result], now, SLOW, one)) - now).total_seconds()
        for one in (SHORTEST, LONGEST)
    ]
    return ends[0], ends[1]


def test_fast_delay_leaves_room_for_whole_seconds_and_for_polling() -> None:
    for age in (10, -5):  # an attempt ends before its first moment where clocks differ
        assert delays(untracked(), FIRST + seconds(age)) == (5, 7.5)


@pytest.mark.parametrize(
    ("age", "longest"),
    [(-5, 60), (0, 60), (60, 60), (61, 61), (120, 120), (900, 900), (9000, 900)],
)
def test_slow_delay_is_between_half_and_all_of_the_age(age: float, longest: float) -> None:
    now = FIRST + seconds(age)
    assert delays(untracked(), now, "U throttled") == (longest / 2, longest)
    assert delays(tracked(), now) == (longest / 2, longest)


def test_slow_delay_keeps_to_its_settings() -> None:
    slow = SlowRetry(seconds(3), seconds(10))
    for age, delay in [(1, 3), (5, 5), (500, 10)]:
        now = FIRST + seconds(age)
        decision = decide(tracked(), RESULTS["U"], now, slow, LONGEST)
        assert next_attempt(decision) == now + seconds(delay)


@pytest.mark.parametrize(
    ("before_cutoff", "shortest", "longest"),
    [
        # Up to 930 s the time that is left until 30 s before the cutoff bounds the delay.
        (931, 450, 900),
        (930, 450, 900),
        (929, 449.5, 899),
        (230, 100, 200),
        (91, 30.5, 61),
        (90.5, 30.25, 60.5),
        (90, 30, 60),
        # Less than 60 s to that moment: the last attempt, 60 to 30 s before the cutoff.
        (89.9, 29.9, 59.9),
        (70, 10, 40),
        (65, 5, 35),
        # … not sooner than 5 s from now.
        (64, 5, 34),
        (50, 5, 20),
        (36, 5, 6),
        (35, 5, 5),
    ],
)
def test_attempts_come_closer_towards_the_cutoff_and_the_last_ones_are_spread(
    before_cutoff: float, shortest: float, longest: float
) -> None:
    ends = delays(tracked(), CUTOFF - seconds(before_cutoff))
    assert ends == pytest.approx((shortest, longest))


def test_unknown_with_less_than_35_s_left_waits_for_the_cutoff_itself() -> None:
    for left, name in product(
        [34.999, 30, 10, 0, -1, -3600], ["U", "U throttled", "no answer", "not sent"]
    ):
        now = CUTOFF - seconds(left)
        for request in (untracked(), untracked(now), untracked(now - seconds(61)), tracked()):
            assert decide(request, RESULTS[name], now, SLOW, LONGEST) == Track(CUTOFF)
    now = CUTOFF - seconds(35)
    assert isinstance(decide(untracked(now), RESULTS["U"], now, SLOW, LONGEST), Requeue)


UNKNOWN = st.sampled_from([one for name, one in RESULTS.items() if one.status == "U"])


@given(
    left=st.floats(-4000, 90_000),
    age=st.floats(0, 90_000),
    share=st.floats(0, 1) | st.sampled_from([0.0, 1.0]),
    is_tracked=st.booleans(),
    result=UNKNOWN,
)
def test_next_attempt_is_5_s_away_and_30_s_before_the_cutoff_or_at_the_cutoff(
    left: float, age: float, share: float, is_tracked: bool, result: Result
) -> None:
    now = CUTOFF - seconds(left)
    request = tracked(now - seconds(age)) if is_tracked else untracked(now - seconds(age))
    decision = decide(request, result, now, SLOW, jitter(share))
    moment = next_attempt(decision)
    if isinstance(decision, Requeue):
        assert not is_tracked
        assert seconds(5) <= moment - now <= seconds(7.5)
        assert moment <= CUTOFF - seconds(30 - 2.5)
    elif moment != CUTOFF:
        assert now + seconds(5) <= moment <= CUTOFF - seconds(30) + MICROSECOND
        assert moment - now <= max(seconds(age), seconds(60)) + MICROSECOND
    else:
        assert left < 35


def attempts_of_a_payment_that_stays_unknown(
    first: datetime, share: Callable[[], float]
) -> list[datetime]:
    request, attempts = untracked(first), [first]
    while len(attempts) < 1000:
        decision = decide(request, RESULTS["U"], attempts[-1], SLOW, jitter(share()))
        if decision == Track(CUTOFF):
            break
        request = tracked(first) if isinstance(decision, Track) else request
        attempts.append(next_attempt(decision))
    return attempts


@given(seed=st.integers(), day=st.floats(100, 87_300))
def test_unknown_of_a_whole_day_is_asked_a_last_time_in_the_half_minute_before_the_last(
    seed: int, day: float
) -> None:
    attempts = attempts_of_a_payment_that_stays_unknown(
        CUTOFF - seconds(day), random.Random(seed).random
    )
    assert CUTOFF - seconds(60) <= attempts[-1] <= CUTOFF - seconds(30) + MICROSECOND


@pytest.mark.parametrize(("share", "most"), [(0.0, 230), (1.0, 125)])
def test_whole_day_of_unknown_costs_a_bounded_number_of_calls(share: float, most: int) -> None:
    day = attempts_of_a_payment_that_stays_unknown(CUTOFF - seconds(87_300), lambda: share)
    assert len(day) <= most
