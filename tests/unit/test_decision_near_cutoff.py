"""The end of the window: the last attempt 30 s before the cutoff, none at or after it."""

from __future__ import annotations

from datetime import datetime

import pytest
from cancel_payment.decision import SlowRetry, decide
from cancel_payment.model import Evidence, Outcome, Requeue, Resolve, Result, Track
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cases import CUTOFF, Jitter, a_request, longest, seconds, shortest

SLOW = SlowRetry(seconds(60), seconds(900))
UNKNOWN = Result("U", Evidence.SIGNED, "UNKNOWN_EXCEPTION")
LAST = CUTOFF - seconds(30)


def _tracked(before_cutoff: float, jitter: Jitter = longest, token: str | None = "t") -> datetime:
    now = CUTOFF - seconds(before_cutoff)
    decision = decide(a_request(task_token=token), UNKNOWN, now, SLOW, jitter)
    assert isinstance(decision, Track)
    return decision.next_attempt_at


@pytest.mark.parametrize("before", [31, 60, 400, 929])
@pytest.mark.parametrize("token", ["token", None])
def test_slow_delay_that_would_pass_the_last_moment_is_cut_to_it(
    before: float, token: str | None
) -> None:
    assert _tracked(before, token=token) == LAST


def test_slow_delay_that_ends_before_the_last_moment_is_not_cut() -> None:
    assert _tracked(931) == LAST - seconds(1)
    assert _tracked(481, shortest) == LAST - seconds(1)


@pytest.mark.parametrize("before", [30, 29.999, 10, 0, -1, -3600])
@pytest.mark.parametrize("token", ["token", None])
def test_unknown_that_comes_after_the_last_moment_waits_for_the_cutoff_itself(
    before: float, token: str | None
) -> None:
    assert _tracked(before, token=token) == CUTOFF


@pytest.mark.parametrize("before", [42, 38, 36, 35])
@pytest.mark.parametrize("jitter", [shortest, longest])
def test_fast_delay_near_the_last_moment_stays_within_both_rules(
    before: float, jitter: Jitter
) -> None:
    now = CUTOFF - seconds(before)
    request = a_request(first_attempt_at=now - seconds(1))
    decision = decide(request, UNKNOWN, now, SLOW, jitter)
    assert isinstance(decision, Requeue)
    assert now + seconds(5) <= decision.visible_at <= LAST


@pytest.mark.parametrize("before", [34.9, 31, 30, 5, 0, -5])
def test_fast_unknown_without_room_for_5_seconds_goes_to_the_tracker(before: float) -> None:
    now = CUTOFF - seconds(before)
    decision = decide(a_request(first_attempt_at=now), UNKNOWN, now, SLOW, shortest)
    assert isinstance(decision, Track)
    assert decision.next_attempt_at in {LAST, CUTOFF}


@pytest.mark.parametrize("before", [60, 1, 0, -3600])
@pytest.mark.parametrize("status", ["S", "F"])
def test_final_answer_counts_whenever_it_comes(before: float, status: str) -> None:
    result = Result(status, Evidence.SIGNED, "CANCEL_WINDOW_EXCEED")  # type: ignore[arg-type]
    decision = decide(a_request(), result, CUTOFF - seconds(before), SLOW, shortest)
    assert isinstance(decision, Resolve)
    assert decision.outcome in {Outcome.CANCELLED, Outcome.REFUND_REQUIRED}


@given(
    before=st.floats(-4000, 50_000),
    elapsed=st.floats(0, 50_000),
    share=st.floats(0, 1),
    token=st.sampled_from([None, "token"]),
)
def test_no_unknown_is_ever_tried_between_the_last_moment_and_the_cutoff_or_later(
    before: float, elapsed: float, share: float, token: str | None
) -> None:
    now = CUTOFF - seconds(before)
    request = a_request(first_attempt_at=now - seconds(elapsed), task_token=token)
    decision = decide(request, UNKNOWN, now, SLOW, lambda low, high: low + (high - low) * share)
    if isinstance(decision, Requeue):
        assert now + seconds(5) <= decision.visible_at <= LAST
    else:
        assert isinstance(decision, Track)
        assert now < decision.next_attempt_at <= LAST or decision.next_attempt_at == CUTOFF
