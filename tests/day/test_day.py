"""The schedule of a whole day, read from the log of the stand-in for Alipay+.

Sources: protocol.md, "What a result means", and design.md, "Decision".

Tolerances: the clock runs at real speed while anything is under way (factor 1; see day.py), so
what a machine needs adds to an interval as it is, and a tolerance is a number of real seconds.

- Nothing is ever too early: lower bounds have no tolerance but for the rounding to the
  millisecond in the log.
- FAST_MACHINE: the function asks for 5 to 7.5 s, whole seconds of visibility make it at most 8, and
  the embedded AWS looks at the queue once a second: at most 9 of the 10 s. The second that is left
  and this one more are the machine's, which needs 0.05 s for it when it is idle. A jitter that
  reaches beyond 10 s still shows: it would reach 12 with the same lag.
- SLOW_MACHINE: a tracker that wakes, sends and is received needs 0.1 s on an idle machine. The
  attempts nearest to a bound are the last before the cutoff, and the closing call.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.day.recorded_day import ALL_DAY, LATE, PAYMENTS, RECOVERS, Attempt, RecordedDay

pytestmark = [pytest.mark.day, pytest.mark.timeout(300)]

ROUNDING = 0.002
FAST_MACHINE = 1.0
SLOW_MACHINE = 10.0
# 13 in the first minute, 7 while the delay grows, 191 every 450 s, 5 while it halves, the last, the
# closing call. At least: one every 10 s of the first minute, one every 900 s.
MOST_OF_A_DAY = 13 + 7 + 191 + 5 + 2
LEAST_OF_A_DAY = 6 + 96

every_payment = pytest.mark.parametrize("scenario", PAYMENTS)
unknown_to_the_end = pytest.mark.parametrize("scenario", [ALL_DAY, LATE])


def room(one: Attempt) -> float:
    """Until 30 s before the cutoff, when the attempt was decided on."""
    return one.left + one.gap - 30


def slow(made: list[Attempt]) -> list[Attempt]:
    """Attempts after the first minute without the last: those are spread by a rule of their own."""
    return [one for one in made[1:] if one.age > 60 + FAST_MACHINE and room(one) >= 60]


@every_payment
def test_the_first_attempt_is_made_at_once(day: RecordedDay, scenario: str) -> None:
    delay = day.attempts(scenario)[0].sent_at - day.initiated(scenario)
    assert timedelta(0) <= delay <= timedelta(seconds=SLOW_MACHINE)


@unknown_to_the_end
def test_in_the_first_minute_attempts_are_5_to_10_s_apart(day: RecordedDay, scenario: str) -> None:
    gaps = [one.gap for one in day.attempts(scenario)[1:] if one.age < 60 - FAST_MACHINE]
    assert 5 <= len(gaps) <= 12
    assert all(5 - ROUNDING <= gap <= 10 + FAST_MACHINE for gap in gaps), gaps


@every_payment
def test_then_delays_double_to_a_quarter_of_an_hour_and_come_closer_towards_the_cutoff(
    day: RecordedDay, scenario: str
) -> None:
    for one in slow(day.attempts(scenario)):
        longest = min(max(one.age, 60), 900, room(one))
        assert longest / 2 - ROUNDING <= one.gap <= longest + SLOW_MACHINE, one


def test_a_throttled_payment_leaves_the_fast_minute_at_once(day: RecordedDay) -> None:
    made = day.attempts(RECOVERS)
    assert 30 - ROUNDING <= made[1].gap <= 60 + SLOW_MACHINE
    assert min(one.gap for one in made[1:]) >= 30 - ROUNDING


def test_over_a_day_delays_reach_a_quarter_of_an_hour_and_stay_there(day: RecordedDay) -> None:
    made = day.attempts(ALL_DAY)
    gaps = [one.gap for one in slow(made) if one.age > 900 and room(one) > 900]
    assert max(gaps) > 800  # of at least 90 drawn from 450 to 900 s
    assert sum(gaps) / len(gaps) == pytest.approx(675, abs=100)
    assert LEAST_OF_A_DAY <= len(made) <= MOST_OF_A_DAY


@unknown_to_the_end
def test_the_end_of_a_payment_that_is_unknown_to_the_end(day: RecordedDay, scenario: str) -> None:
    """A last attempt in half a minute, and one closing call within a quarter of an hour, which
    tells that it is to be refunded."""
    made = day.attempts(scenario)
    last = [one for one in made if one.left > 0][-1]
    [call] = [one for one in made if one.left <= 0]
    assert 30 - SLOW_MACHINE <= last.left <= 60 + ROUNDING
    assert 60 - ROUNDING <= -call.left <= 900 + SLOW_MACHINE
    [event] = day.world.outcomes(scenario)
    detail = event["detail"]
    assert event["detail-type"] == "Payment Refund Required"
    assert datetime.fromisoformat(detail["cutoffAt"]) == day.cutoff
    assert detail["attempts"] == len(made)
    assert abs(datetime.fromisoformat(detail["resolvedAt"]) - day.cutoff) < timedelta(hours=1)


def test_a_gateway_that_recovers_gets_the_payment_cancelled_at_the_next_attempt(
    day: RecordedDay,
) -> None:
    *unknown, cancelled = day.attempts(RECOVERS)
    assert {one.status for one in unknown} == {"U"} and cancelled.status == "S"
    assert unknown[-1].sent_at < day.recovery <= cancelled.sent_at
    assert cancelled.sent_at - day.recovery <= timedelta(seconds=900 + SLOW_MACHINE)
    [event] = day.world.outcomes(RECOVERS)
    assert event["detail-type"] == "Payment Cancelled"
    assert event["detail"]["attempts"] == len(unknown) + 1
    # Nor is it asked again after the cutoff.
    assert day.ended_at - day.cutoff > timedelta(hours=26)


def test_every_tracker_has_succeeded_and_nothing_is_left_but_what_is_to_be_refunded(
    day: RecordedDay,
) -> None:
    assert {day.world.execution(one)["status"] for one in PAYMENTS} == {"SUCCEEDED"}
    world, stack = day.world, day.world.stack
    queues = (stack.queue_url, stack.dead_letter_queue_url, stack.operator_cases_queue_url)
    assert world.empty(*queues)
    assert sum(world.waiting(stack.refund_queue_url)) == 2
