"""The decision table: result + window + clock -> what next, with the jitter at both ends."""

from __future__ import annotations

from datetime import datetime

import pytest
from cancel_payment.decision import SlowRetry, decide
from cancel_payment.model import Decision, Evidence, Outcome, Requeue, Resolve, Result, Track

from tests.unit.cases import FIRST, Jitter, a_request, longest, seconds, shortest

SLOW = SlowRetry(seconds(60), seconds(900))
UNKNOWN = {
    "signed U": Result("U", Evidence.SIGNED, "UNKNOWN_EXCEPTION"),
    "signed U by an F code": Result("U", Evidence.SIGNED, "ACCESS_DENIED"),
    "no answer": Result("U", Evidence.NO_ANSWER),
    "proves nothing": Result("U", Evidence.UNPROVEN),
    "unsigned diagnosis": Result("U", Evidence.UNPROVEN, "INVALID_SIGNATURE"),
    "not sent": Result("U", Evidence.NOT_SENT),
}
THROTTLED = Result("U", Evidence.SIGNED, "REQUEST_TRAFFIC_EXCEED_LIMIT")
TOKENS = {"untracked": None, "tracked": "token"}


def _decide(
    result: Result, after: float, token: str | None = None, jitter: Jitter = shortest
) -> Decision:
    request = a_request(task_token=token)
    return decide(request, result, FIRST + seconds(after), SLOW, jitter)


def _next(decision: Decision) -> datetime:
    assert isinstance(decision, Requeue | Track)
    return decision.visible_at if isinstance(decision, Requeue) else decision.next_attempt_at


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("after", [0, 59, 60, 3600, 60_000])
@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        ("S", "SUCCESS", Outcome.CANCELLED),
        ("S", "CANCEL_WINDOW_EXCEED", Outcome.CANCELLED),
        ("F", "CANCEL_WINDOW_EXCEED", Outcome.REFUND_REQUIRED),
        ("F", "PROCESS_FAIL", Outcome.FAILED),
        ("F", "SUCCESS", Outcome.FAILED),
        ("F", "ORDER_STATUS_INVALID", Outcome.FAILED),
        ("F", "REQUEST_TRAFFIC_EXCEED_LIMIT", Outcome.FAILED),
    ],
)
def test_signed_success_or_failure_resolves_at_any_time(
    status: str, code: str, outcome: Outcome, after: float, token: str | None
) -> None:
    decision = _decide(Result(status, Evidence.SIGNED, code), after, token)  # type: ignore[arg-type]
    assert isinstance(decision, Resolve)
    assert decision.outcome is outcome
    assert decision.further_action


@pytest.mark.parametrize("kind", UNKNOWN)
@pytest.mark.parametrize("after", [0, 0.5, 8, 59.999])
@pytest.mark.parametrize("jitter", [shortest, longest])
def test_unknown_of_the_first_minute_is_requeued_for_5_to_10_seconds(
    kind: str, after: float, jitter: Jitter
) -> None:
    decision = _decide(UNKNOWN[kind], after, jitter=jitter)
    assert isinstance(decision, Requeue)
    assert seconds(5) <= decision.visible_at - (FIRST + seconds(after)) <= seconds(10)


def test_fast_delay_leaves_room_for_whole_seconds_and_for_polling() -> None:
    delay = _next(_decide(UNKNOWN["signed U"], 10, jitter=longest)) - (FIRST + seconds(10))
    assert delay + seconds(2) <= seconds(10)


def test_fast_delay_is_jittered() -> None:
    ends = {_next(_decide(UNKNOWN["signed U"], 10, jitter=one)) for one in (shortest, longest)}
    assert len(ends) == 2


@pytest.mark.parametrize("kind", UNKNOWN)
@pytest.mark.parametrize("after", [60, 61, 5000])
def test_unknown_after_the_first_minute_goes_to_the_tracker(kind: str, after: float) -> None:
    assert isinstance(_decide(UNKNOWN[kind], after), Track)


@pytest.mark.parametrize("kind", UNKNOWN)
@pytest.mark.parametrize("after", [0, 30, 60, 5000])
def test_tracked_unknown_goes_back_to_its_tracker_at_any_time(kind: str, after: float) -> None:
    assert isinstance(_decide(UNKNOWN[kind], after, "token"), Track)


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("after", [0, 1, 59, 60, 3600])
def test_throttling_ends_the_fast_phase_at_once(after: float, token: str | None) -> None:
    assert isinstance(_decide(THROTTLED, after, token), Track)


@pytest.mark.parametrize(
    ("after", "longest_delay"),
    [(0, 60), (59, 60), (60, 60), (61, 61), (120, 120), (600, 600), (900, 900), (9000, 900)],
)
def test_slow_delay_is_between_half_and_all_of_the_time_since_the_first_attempt(
    after: float, longest_delay: float
) -> None:
    now = FIRST + seconds(after)
    ends = [_next(_decide(THROTTLED, after, jitter=one)) - now for one in (shortest, longest)]
    assert ends == [seconds(longest_delay / 2), seconds(longest_delay)]


def test_slow_delay_keeps_to_its_settings() -> None:
    slow = SlowRetry(seconds(3), seconds(10))
    for after, delay in [(1, 3), (5, 5), (500, 10)]:
        decision = decide(a_request(), THROTTLED, FIRST + seconds(after), slow, longest)
        assert _next(decision) == FIRST + seconds(after + delay)


def test_attempt_that_ends_before_its_first_moment_by_clock_skew_still_waits() -> None:
    assert _next(_decide(THROTTLED, -5)) == FIRST + seconds(-5 + 30)
    assert _next(_decide(UNKNOWN["signed U"], -5)) >= FIRST
