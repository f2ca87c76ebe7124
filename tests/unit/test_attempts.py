"""A batch's calls, side by side: each with its own end, none in the way of another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Literal, cast

import pytest
from cancel_payment.alipay.gateway import Gateway, Permit
from cancel_payment.alipay.payment import Payment
from cancel_payment.alipay.result import Evidence, Result, no_answer, not_sent
from cancel_payment.attempts import AttemptPool
from cancel_payment.clock import Clock, Deadline, SystemClock
from cancel_payment.model import Attempt, CancelRequest, Tracking

from tests.unit.cases import CREATED, CUTOFF, FIRST, HandClock, a_request

type Call = Callable[[str, Permit, Deadline], Result]
ANSWERED = Result("S", Evidence.SIGNED, "SUCCESS")


class Answers:
    """A gateway in a test's hand; `credentials` are whatever `run` was given."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def cancel(
        self, payment: Payment, credentials: object, deadline: Deadline, permit: Permit
    ) -> Result:
        assert credentials == "keys"
        assert payment.payment_request_id is not None
        return self._call(payment.payment_request_id, permit, deadline)


def run(
    call: Call,
    *requests: CancelRequest,
    clock: Clock | None = None,
    timeout: float = 8,
    left: float = 30,
) -> list[Attempt]:
    clock = clock or HandClock()
    with ThreadPoolExecutor(len(requests)) as pool:
        gateway = cast(Gateway, Answers(call))
        attempts = AttemptPool(gateway, timedelta(seconds=timeout), clock, pool)
        return attempts.run(requests, cast(Any, "keys"), Deadline(clock, left))


def payment(name: str, tracking: Tracking | None = None) -> CancelRequest:
    return a_request(tracking, payment=Payment(name, None, CREATED))


def test_each_attempt_has_its_request_its_result_and_how_long_it_took() -> None:
    clock = HandClock()

    def call(name: str, permit: Permit, deadline: Deadline) -> Result:
        assert (permit("send"), deadline.left()) == (None, 8)
        clock.wait(milliseconds=250)
        return ANSWERED

    one = payment("P")
    assert run(call, one, clock=clock) == [
        Attempt(one, ANSWERED, FIRST + timedelta(milliseconds=250), 250)
    ]


def test_whatever_one_call_raises_is_its_own_unknown() -> None:
    def call(name: str, permit: Permit, deadline: Deadline) -> Result:
        if name == "odd":
            raise KeyError("what nobody expects")
        return ANSWERED

    results = [one.result for one in run(call, payment("P"), payment("odd"), payment("Q"))]
    assert results == [ANSWERED, no_answer("unexpected KeyError"), ANSWERED]


@pytest.mark.parametrize(("left", "sent"), [(16, True), (15.999, False), (0, False)])
def test_no_call_begins_without_time_for_it_and_8_s_for_the_effects(
    left: float, sent: bool
) -> None:
    (attempt,) = run(lambda *_: ANSWERED, payment("P"), left=left)
    too_late = not_sent("too little of the invocation's time is left")
    assert attempt.result == (ANSWERED if sent else too_late)
    assert (attempt.latency_ms is None) == (not sent)


TRACKED = Tracking("token", 3, FIRST, "P1")


@pytest.mark.parametrize(
    ("tracking", "now", "refusal"),
    [
        (None, CUTOFF, None),
        (TRACKED, CUTOFF - timedelta(seconds=1), None),
        (TRACKED, CUTOFF, "the cancel window has closed"),
    ],
)
def test_permit_ends_with_the_window_of_a_tracked_payment(
    tracking: Tracking | None, now: Any, refusal: str | None
) -> None:
    clock = HandClock()
    clock.time = now
    asked = []

    def call(name: str, permit: Permit, deadline: Deadline) -> Result:
        asked.append(permit("sign"))
        return ANSWERED

    run(call, payment("P", tracking), clock=clock)
    assert asked == [refusal]


def test_permit_ends_with_the_calls_time() -> None:
    clock = HandClock()
    asked = []

    def call(name: str, permit: Permit, deadline: Deadline) -> Result:
        for wait in (1.999, 0.001):
            clock.wait(seconds=wait)
            asked.append(permit("send"))
        return ANSWERED

    run(call, payment("P"), clock=clock, timeout=2)
    assert asked == [None, "the call's time is used up"]


@pytest.mark.parametrize(
    ("asked", "result"), [("sign", not_sent), ("send", no_answer)], ids=["signing", "sent"]
)
def test_call_that_does_not_end_is_left_behind_and_gets_no_permit_any_more(
    asked: Literal["sign", "send"], result: Callable[[str], Result]
) -> None:
    clock, release = SystemClock(), threading.Event()
    said = []

    def call(name: str, permit: Permit, deadline: Deadline) -> Result:
        if name == "hangs":
            said.append(permit(asked))
            release.wait(20)
            said.append(permit("send"))
        return ANSWERED

    began = clock.monotonic()
    pool = ThreadPoolExecutor(2)
    attempts = AttemptPool(cast(Gateway, Answers(call)), timedelta(seconds=0.1), clock, pool)
    requests = [payment("hangs"), payment("P")]
    hanging, quick = attempts.run(requests, cast(Any, "keys"), Deadline(clock, 30))
    assert clock.monotonic() - began < 3
    # What waits for a signature was not asked, and is no attempt.
    assert hanging.result == result("the call did not end in time")
    assert (hanging.latency_ms, quick.result) == (None, ANSWERED)
    # The delay to the next attempt counts from the end of this one, not of the batch.
    assert hanging.ended_at - quick.ended_at > timedelta(seconds=0.3)
    release.set()
    pool.shutdown()
    assert said == [None, "the call's time is used up"]


def test_more_calls_than_threads_wait_for_one_as_long_as_there_is_time() -> None:
    clock = SystemClock()
    with ThreadPoolExecutor(1) as pool:
        gateway = cast(Gateway, Answers(lambda *_: threading.Event().wait(0.007) or ANSWERED))
        attempts = AttemptPool(gateway, timedelta(seconds=0.1), clock, pool)
        requests = [payment(f"P-{number}") for number in range(101)]
        made = attempts.run(requests, cast(Any, "keys"), Deadline(clock, 30))
    assert {one.result.evidence for one in made} == {Evidence.SIGNED}
