"""20,000 events against a gateway at a tenth of its speed: what must hold, on a simulated clock."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.backpressure import BACKLOG, CUTOFFS, MAX_RECEIVE_COUNT, SITUATIONS, Situation
from tests.faults.simulation import EFFECTS, POLL, TIMEOUT

SLOW = [one for one in SITUATIONS if one.concurrency == 10]


@pytest.mark.parametrize("situation", SLOW, ids=lambda one: one.name)
def test_backlog_drains_far_below_the_receive_limit_and_keeps_the_fast_interval(
    situation: Situation,
) -> None:
    cases, figures = situation.run()

    assert Counter(one.ended for one in cases) == {"CANCELLED": BACKLOG}
    assert figures.ended_at < situation.slow_for + 1800
    assert figures.receives < MAX_RECEIVE_COUNT / 10
    # The interval as it is set, and as it is kept apart from the time that a message waits on the
    # queue for a free batch. A batch ends with its slowest attempt.
    assert all(5 <= interval <= 10 for interval in figures.scheduled)
    assert all(
        5 <= gap - wait <= max(10, TIMEOUT + EFFECTS) + POLL
        for gap, wait in zip(figures.gaps, figures.waits, strict=True)
    )


@pytest.mark.parametrize("situation", CUTOFFS, ids=lambda one: one.name)
def test_near_its_cutoff_a_payment_waits_no_longer_than_the_others_and_always_ends(
    situation: Situation,
) -> None:
    cases, _ = situation.run()

    near, far = cases[: situation.near], cases[situation.near :]
    assert {one.ended for one in far} == {"CANCELLED"}
    assert {one.ended for one in near} <= {"CANCELLED", "REFUND_REQUIRED", "UNRESOLVED"}
    # Asked at least once, however late: only the gateway can say that it is too late.
    assert all(one.attempts for one in cases)
    first = [[one.attempts[0] for one in part] for part in (near, far)]
    assert max(first[0]) <= max(first[1]) * 1.05
