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
from cancel_payment.model import Attempt, CancelRequest

from tests.unit.cases import CREATED, FIRST, HandClock, a_request

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
    threads: int = 2,
) -> list[Attempt]:
    clock = clock or HandClock()
    with ThreadPoolExecutor(threads) as pool:
        gateway = cast(Gateway, Answers(call))
        attempts = AttemptPool(gateway, timedelta(seconds=timeout), clock, pool)
        return attempts.run(requests, cast(Any, "keys"), Deadline(clock, left))


def payment(name: str) -> CancelRequest:
    return a_request(payment=Payment(name, None, CREATED))


def test_each_attempt_has_its_request_its_result_how_long_it_took_and_a_permit_for_its_time() -> (
    None
):
    clock, asked = HandClock(), []

    def call(name: str, permit: Permit, deadline: Deadline) -> Result:
        asked.append((permit("sign"), deadline.left()))
        for wait in (1999, 1):
            clock.wait(milliseconds=wait)
            asked.append((permit("sign"), deadline.left()))
        return ANSWERED

    one = payment("P")
    ended = FIRST + timedelta(seconds=2)
    assert run(call, one, clock=clock, timeout=2) == [Attempt(one, ANSWERED, ended, 2000)]
    late = ("the call's time is used up", 0)
    assert asked == [(None, 2), (None, pytest.approx(0.001)), late]


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


@pytest.mark.parametrize(("begun", "result"), [("sign", not_sent), ("send", no_answer)])
def test_call_that_does_not_end_is_left_behind_and_gets_no_permit_any_more(
    begun: Literal["sign", "send"], result: Callable[[str], Result]
) -> None:
    said, release = [], threading.Timer(1.2, lambda: None)

    def call(name: str, permit: Permit, deadline: Deadline) -> Result:
        if name == "hangs":
            said.append(permit(begun))
            release.join()
            said.append(permit("send"))
        return ANSWERED

    release.start()
    requests = [payment("hangs"), payment("P")]
    hanging, quick = run(call, *requests, clock=SystemClock(), timeout=0.1)
    # What waits for its signature was not asked, and is no attempt.
    assert hanging.result == result("the call did not end in time")
    assert (hanging.latency_ms, quick.result) == (None, ANSWERED)
    # The delay to the next attempt counts from the end of this one, not of the batch.
    assert timedelta(seconds=0.3) < hanging.ended_at - quick.ended_at < timedelta(seconds=1.1)
    assert said == [None, "the call's time is used up"]


def test_more_calls_than_threads_wait_for_one_as_long_as_there_is_time() -> None:
    requests = [payment(f"P-{number}") for number in range(101)]
    wait = threading.Event().wait
    made = run(
        lambda *_: wait(0.007) or ANSWERED, *requests, clock=SystemClock(), timeout=0.1, threads=1
    )
    assert {one.result.evidence for one in made} == {Evidence.SIGNED}
