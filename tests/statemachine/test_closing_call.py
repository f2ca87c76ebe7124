"""The window is closed: the gateway is asked once more, then the payment is unresolved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.statemachine.conftest import Machines, Tracked
from tests.statemachine.run import Answer, always, answers, fails, returns

CUTOFF = datetime(2026, 11, 22, 16, 15, tzinfo=UTC)
CUTOFF_TEXT = "2026-11-22T16:15:00.000Z"
TOKEN = timedelta(seconds=2700)
CLOSING = ["WaitForClosingCall", "RequestAttempt", "Decide"]
REPORTED = ["ReportUnresolved", "Unresolved"]
KNOWN_CLOSED = returns("RETRY", nextAttemptAt=CUTOFF_TEXT)
NO_QUEUE = [fails("SQS.QueueDoesNotExistException")] * 9

# How a tracker learns that its window is closed: its first nextAttemptAt, what becomes of its
# attempts until then, and, in seconds after the cutoff, when it starts and when it knows.
WAYS_TO_CLOSED: dict[str, tuple[str, list[Answer | None], float, float]] = {
    "handed over without time left": (CUTOFF_TEXT, [], -34, -34),
    "handed over after the cutoff": ("2026-11-22T16:15:00.001Z", [], 30 * 3600, 30 * 3600),
    "told so by the function": ("2026-11-22T16:14:30.000Z", [KNOWN_CLOSED], -300, -30),
    "nobody answered, no time left": ("2026-11-22T15:29:25.001Z", [None], -3000, -34.999),
    "nobody answered until long after": ("2026-11-22T16:14:30.000Z", [None], -300, 2700 - 30),
    "the send keeps failing": ("2026-11-22T16:14:26.000Z", list(NO_QUEUE), -300, -34),
}


def started(way: str) -> datetime:
    return CUTOFF + timedelta(seconds=WAYS_TO_CLOSED[way][2])


@pytest.mark.parametrize("random", [0, 0.999_999])
@pytest.mark.parametrize("seconds", [900, 15, 0])
@pytest.mark.parametrize("way", WAYS_TO_CLOSED)
def test_every_way_to_closed_leads_through_one_closing_call_spread_over_its_seconds(
    machine: Machines, tracked: Tracked, way: str, seconds: int, random: float
) -> None:
    first, before, starts, known = WAYS_TO_CLOSED[way]
    at = CUTOFF + timedelta(seconds=starts)
    run = machine(seconds, random=random, backoff=0)(
        tracked(nextAttemptAt=first), answers(*before), at
    )
    calls = [call for call in run.sends if call.message["tracking"].get("closing") is True]
    assert calls == run.sends[len(run.sends) - bool(seconds) :]  # the last, if there is one
    assert run.entered.count("WaitForClosingCall") == len(calls) == bool(seconds)
    assert run.entered[-5:] == [*CLOSING, *REPORTED] or not seconds
    for call in calls:
        after = (call.at - CUTOFF).total_seconds() - max(0, known)
        assert after == pytest.approx(seconds if random else seconds / 15, abs=0.01)
    assert (run.status, run.error, len(run.reports)) == ("FAILED", "Unresolved", 1)


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        (returns("CANCELLED"), ["Resolved"]),
        (returns("REFUND_REQUIRED"), ["Resolved"]),
        (returns("RETRY", nextAttemptAt="2026-11-22T16:00:00.000Z"), REPORTED),
        (KNOWN_CLOSED, REPORTED),
        (None, REPORTED),
    ],
    ids=["cancelled", "refund", "unknown, and a time", "unknown, and the cutoff", "no answer"],
)
def test_it_is_made_once_and_can_still_resolve_the_payment(
    machine: Machines, tracked: Tracked, answer: Answer | None, ends: list[str]
) -> None:
    late = tracked(nextAttemptAt=CUTOFF_TEXT, disposition="RETRY")
    run = machine()(late, answers(answer), CUTOFF)
    assert run.entered == ["Decide", *CLOSING, *ends]
    assert len(run.reports) == ("Resolved" not in ends)


@pytest.mark.parametrize("backoff", [0, 1])
def test_one_that_cannot_be_put_on_the_queue_is_tried_as_long_as_its_token_would_have_lived(
    machine: Machines, tracked: Tracked, backoff: float
) -> None:
    run = machine(backoff=backoff)(tracked(nextAttemptAt=CUTOFF_TEXT), always(NO_QUEUE[0]), CUTOFF)
    first, [report] = run.sends[0], run.reports
    assert TOKEN <= report.at - first.at <= TOKEN + timedelta(minutes=11)
    assert all(call.message["tracking"]["closing"] is True for call in run.sends)
    assert (run.error, run.entered.count("WaitForClosingCall")) == ("Unresolved", 1)

    back = iter([*NO_QUEUE * 3, returns("CANCELLED")])
    late = machine(backoff=backoff)(
        tracked(nextAttemptAt=CUTOFF_TEXT), lambda call: next(back), CUTOFF
    )
    assert (late.status, late.reports) == ("SUCCEEDED", [])


@pytest.mark.parametrize(
    ("next_attempt_at", "closed"),
    [
        ("2026-11-23T00:14:59.999+08:00", False),
        ("2026-11-22T16:14:59.999Z", False),
        ("2026-11-23T00:15:00.000+08:00", True),
        ("2026-11-22T16:15:00.000Z", True),
    ],
)
def test_before_the_cutoff_means_before_whatever_the_offset(
    machine: Machines, tracked: Tracked, next_attempt_at: str, closed: bool
) -> None:
    run = machine()(tracked(nextAttemptAt=next_attempt_at), answers(returns("CANCELLED")))
    assert ("WaitForClosingCall" in run.entered) is closed


@pytest.mark.parametrize(("milliseconds", "closed"), [(0, False), (1, True)])
def test_a_tracker_that_is_older_than_any_window_closes_too(
    machine: Machines, tracked: Tracked, milliseconds: int, closed: bool
) -> None:
    now = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    age = timedelta(hours=24, minutes=30, milliseconds=milliseconds)
    state_input = tracked(cutoffAt="2099-01-01T16:15:00.000Z")
    world = answers(returns("CANCELLED"))
    run = machine(random=0)(state_input, world, now, started_at=now - age)
    assert ("WaitForClosingCall" in run.entered) is closed
    assert run.sends[0].at == now + (timedelta(seconds=60) if closed else timedelta())
