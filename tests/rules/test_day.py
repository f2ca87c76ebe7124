"""For any sequence of unknowns: when the next attempt may be, when the last, and how many.

Sources: protocol.md, "What a result means"; design.md, "Decision".
"""

from __future__ import annotations

from itertools import cycle, pairwise, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.day import Chance, Made, Phase, Unknown, attempts

DAY = 24 * 3600 + 15 * 60.0  # a payment of midnight sharp, asked for at once
ROUNDING = 1e-3

LONGEST_ATTEMPT = 8.5  # the gateway's timeout of 8 s and the grace behind it
LONGEST_LAG = 2.0  # whole seconds of visibility add up to one, polling up to another

# How many attempts a day can hold, if every answer comes at once and every jitter is the smallest:
#
#    13  in the first 60 s: one at 0, 5, 10 ... 60 s. The one at 60 s is no longer re-queued.
#     7  while the delay grows. It is at least half the age, so the age grows by half each time:
#        90, 135, 202.5, 303.75, 455.63, 683.44, 1025.16 s.
#   191  every 450 s, half of the longest delay, until 30 s before the cutoff at 87,270 s:
#        floor((87,270 - 1,025.16) / 450).
#     1  at 87,270 s itself: the delay that would pass that moment is cut to it.
#
# Nothing makes more. A throttled answer skips the rest of the 13; the earlier an attempt, the
# earlier the one after it, so any longer attempt, jitter or wait only takes attempts away.
MOST_ATTEMPTS_OF_A_DAY = 13 + 7 + 191 + 1

chances = st.builds(
    Chance,
    why=st.sampled_from(Unknown),
    seconds=st.floats(0, LONGEST_ATTEMPT),
    jitter=st.floats(0, 1),
    lag=st.floats(0, LONGEST_LAG),
    lost=st.booleans(),
)
unhindered = st.builds(
    Chance,
    why=st.sampled_from([Unknown.U, Unknown.NO_ANSWER, Unknown.FORGED]),
    seconds=st.floats(0, LONGEST_ATTEMPT),
    jitter=st.floats(0, 1),
)
lefts = st.floats(0.001, DAY) | st.floats(0.001, 150) | st.just(DAY)


def days(of: st.SearchStrategy[Chance]) -> st.SearchStrategy[tuple[float, list[Made]]]:
    """A handful of chances, over and over until the window is closed, and how long it was open."""
    some = st.lists(of, min_size=1, max_size=30)
    return st.builds(lambda left, some: (left, attempts(left, cycle(some))), lefts, some)


any_day = days(chances)
undisturbed_day = days(unhindered)


@given(any_day)
def test_in_the_first_60_s_the_next_attempt_starts_5_to_10_s_after_this_one(
    day: tuple[float, list[Made]],
) -> None:
    _, made = day
    for one, following in pairwise(made):
        if one.phase is Phase.FAST:
            assert 5 - ROUNDING <= following.began - one.ended <= 10 + ROUNDING


@given(any_day)
def test_a_payment_is_re_queued_in_its_first_60_s_and_tracked_from_then_on(
    day: tuple[float, list[Made]],
) -> None:
    left, made = day
    throttled = False
    for one in made:
        throttled = throttled or one.why is Unknown.THROTTLED
        room = left - 30 - one.ended
        if abs(one.ended - 60) < ROUNDING or abs(room - 5) < ROUNDING:
            return  # on the edge, where the whole table looks closer
        fast = one.ended < 60 and room > 5 and not throttled
        assert (one.phase is Phase.FAST) == fast


@given(any_day)
def test_no_attempt_lies_at_or_after_the_cutoff(day: tuple[float, list[Made]]) -> None:
    left, made = day

    assert all(one.began < left for one in made)
    assert all(one.planned <= left - 30 + ROUNDING for one in made if one.phase is not Phase.CLOSED)


@given(st.floats(-2 * DAY, 0), chances)
def test_but_a_late_first_attempt_is_made_and_is_the_only_one(left: float, chance: Chance) -> None:
    [only] = attempts(left, repeat(chance))

    assert only.phase is Phase.CLOSED


@given(undisturbed_day)
def test_the_last_attempt_lies_30_s_before_the_cutoff(day: tuple[float, list[Made]]) -> None:
    left, made = day
    if left < 60 + LONGEST_ATTEMPT + 35:
        return  # closed within the fast phase, which is too coarse for it: the next test
    last = made[-1]

    # To the second, unless the attempt before it was still under way.
    under_way = left - 30 - LONGEST_ATTEMPT
    assert under_way - ROUNDING <= last.began <= left - 30 + ROUNDING
    assert last.began >= left - 30 - ROUNDING or last.ended >= left - 30 - ROUNDING


@given(undisturbed_day)
def test_the_fast_phase_stops_only_where_no_further_attempt_fits(
    day: tuple[float, list[Made]],
) -> None:
    left, made = day
    last = made[-1]

    assert last.phase is Phase.CLOSED
    assert last.ended > left - 35 - ROUNDING


@given(any_day)
def test_slow_delays_follow_the_age_between_a_minute_and_a_quarter_of_an_hour(
    day: tuple[float, list[Made]],
) -> None:
    left, made = day
    for one in made:
        if one.phase is not Phase.SLOW or one.planned >= left - 30 - ROUNDING:
            continue  # the last delay is cut
        longest = min(max(one.ended, 60), 900)
        assert longest / 2 - ROUNDING <= one.delay <= longest + ROUNDING


@given(any_day)
def test_delays_never_shrink_by_more_than_the_jitter(day: tuple[float, list[Made]]) -> None:
    left, made = day
    uncut = [one for one in made if one.phase is Phase.SLOW and one.planned < left - 30 - ROUNDING]
    for one, following in pairwise(uncut):
        assert following.delay >= one.delay / 2 - ROUNDING


@given(any_day)
def test_a_day_holds_a_bounded_number_of_attempts(day: tuple[float, list[Made]]) -> None:
    _, made = day

    assert 1 <= len(made) <= MOST_ATTEMPTS_OF_A_DAY


def test_the_bound_is_reached_and_not_only_an_estimate() -> None:
    assert len(attempts(DAY, repeat(Chance()))) == MOST_ATTEMPTS_OF_A_DAY == 212


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_a_recovered_gateway_is_asked_within_a_quarter_of_an_hour(jitter: float) -> None:
    made = attempts(DAY, repeat(Chance(seconds=8, jitter=jitter)))

    assert max(one.delay for one in made) <= 900


@settings(max_examples=30)
@given(st.lists(chances, min_size=1, max_size=30))
def test_an_unknown_stays_unknown_to_the_end(some: list[Chance]) -> None:
    # `attempts` itself refuses any decision that is neither a re-queue nor the tracker.
    assert attempts(DAY, cycle(some))
