"""No history is too long for Step Functions, no payment waits too long: the worst cases, walked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.statemachine.conftest import Machines, Tracked
from tests.statemachine.definition import State
from tests.statemachine.run import World, always, fails, unknown_all_day

# docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MAX_EVENTS = 25_000
# The longest window: initiated at midnight UTC+8, throttled at once, and so tracked at once.
START = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
CUTOFF = datetime(2026, 11, 22, 16, 15, tzinfo=UTC)
DAY = CUTOFF - START
BROKEN_SEND = fails("SQS.AmazonSQSException")


def moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shortest(least: timedelta, most: timedelta) -> timedelta:
    return least


def mean(least: timedelta, most: timedelta) -> timedelta:
    return (least + most) / 2


@pytest.mark.parametrize(
    ("world", "most", "hours"),
    [
        # By the defaults, each delay the shortest that there can be.
        (unknown_all_day(shortest, 900), MAX_EVENTS / 10, DAY),
        (unknown_all_day(shortest, 900, ["SQS.AmazonSQSException"] * 10), MAX_EVENTS / 2, DAY),
        # By the settings that ask most often. 25,000 events would need 2,500 delays of 35 s in the
        # mean; uniform between 30 and 60 s, that has a probability below 10 ** -200 (Hoeffding).
        # Its rounds are all alike: a quarter of the day has a quarter of them.
        (unknown_all_day(mean, 60), MAX_EVENTS * 4 / 5 / 4, DAY / 4),
        (always(BROKEN_SEND), MAX_EVENTS * 2 / 3, DAY),
        (always(None), MAX_EVENTS / 50, DAY),
        (always(None, report=fails("EventBridge.FailedEntry")), MAX_EVENTS / 50, DAY),
    ],
    ids=[
        "unknown all day",
        "unknown all day, and each send fails ten times",
        "unknown all day, asked every minute",
        "queue down all day",
        "function down all day",
        "function down all day, and the bus after it",
    ],
)
def test_a_day_of_it_stays_far_below_the_events_that_a_history_holds(
    machine: Machines, tracked: Tracked, world: World, most: float, hours: timedelta
) -> None:
    start = CUTOFF - hours
    run = machine(random=0, backoff=0)(
        tracked(
            firstAttemptAt=moment(start),
            nextAttemptAt=moment(start + timedelta(seconds=30)),
            cutoffAt=moment(CUTOFF),
        ),
        world,
        start,
    )
    assert run.now > CUTOFF
    assert run.status == "FAILED"
    assert len(run.entered) > 50
    assert run.history_events < most


@pytest.mark.parametrize("random", [0, 0.5, 0.999_999])
@pytest.mark.parametrize("minutes", [0.5, 10, 45, 45.4, 45.6, 46, 60, 100, 24 * 60])
def test_unresolved_is_out_within_two_hours_of_the_cutoff_with_the_function_down_all_night(
    machine: Machines, tracked: Tracked, minutes: float, random: float
) -> None:
    start = CUTOFF - timedelta(minutes=minutes)
    run = machine(random=random)(tracked(nextAttemptAt=moment(start)), always(None), start)
    [report] = run.reports
    assert CUTOFF < report.at <= CUTOFF + timedelta(hours=2)
    assert (run.status, run.error) == ("FAILED", "Unresolved")


def test_the_machine_outlives_the_longest_window_and_all_that_can_be_late_after_it(
    machine: Machines, tracked: Tracked, states: dict[str, State]
) -> None:
    """The last attempt and the closing call fail as long as they are tried and are then not
    answered, and no report goes out; every delay is the longest."""
    retries = states["RequestAttempt"]["Retry"][0]["MaxAttempts"]
    last = CUTOFF - timedelta(seconds=30)
    closing = [BROKEN_SEND] * (retries + 1) * 4
    answers = iter([*[BROKEN_SEND] * retries, None, *closing, *[BROKEN_SEND] * retries, None])
    run = machine(random=0.999_999, backoff=1)(
        tracked(nextAttemptAt=moment(last)),
        lambda call: next(answers, None),
        last,
        started_at=START,
    )
    assert len(run.sends) == 6 * (retries + 1)
    assert (run.status, run.error) == ("FAILED", "States.Timeout")
    assert len(run.reports) == 15


def test_a_token_outlives_a_backlog_so_that_no_payment_is_on_the_queue_twice(
    states: dict[str, State],
) -> None:
    # Ten visibility timeouts of the queue, six function timeouts of 30 s each.
    assert states["RequestAttempt"]["TimeoutSeconds"] >= 10 * 6 * 30
