"""A batch's attempts: all at the same time, in order, and none without time for it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from cancel_payment.attempts import Attempts
from cancel_payment.credentials import Credentials, parse_secret
from cancel_payment.gateway import Gateway
from cancel_payment.model import Attempt, Evidence, Result
from cancel_payment.payment import CancelRequest, Payment

from tests.unit.cases import CREATED, a_request

SIGNED = Result("S", Evidence.SIGNED, "SUCCESS")


class Line:
    """A gateway that does what a test says, and remembers who was asked for."""

    def __init__(self, act: Callable[[str], None] = lambda _: None) -> None:
        self.asked: list[str] = []
        self._act = act

    def cancel(self, payment: Payment, _: Credentials) -> Result:
        self.asked.append(payment.naming_id[1])
        self._act(payment.naming_id[1])
        return SIGNED


@pytest.fixture
def credentials(secret: dict[str, Any]) -> Credentials:
    return parse_secret(json.dumps(secret))


def _requests(number: int) -> list[CancelRequest]:
    return [a_request(payment=Payment(f"P{one}", None, CREATED)) for one in range(number)]


def _run(
    line: Line, number: int, keys: Credentials, *, left: float = 30, timeout: float = 2
) -> list[Attempt]:
    gateway = cast(Gateway, line)
    attempts = Attempts(gateway, timedelta(seconds=timeout), lambda: datetime.now(UTC))
    return attempts.run(_requests(number), keys, timedelta(seconds=left))


def test_ten_attempts_are_on_their_way_at_the_same_time(credentials: Credentials) -> None:
    all_there = threading.Barrier(10)
    line = Line(lambda _: all_there.wait(timeout=2) and None)
    made = _run(line, 10, credentials)
    assert [one.result for one in made] == [SIGNED] * 10


def test_attempts_come_back_in_the_order_of_the_batch(credentials: Credentials) -> None:
    made = _run(Line(lambda name: time.sleep(0.02 * (5 - int(name[1:])))), 5, credentials)
    assert [one.request.payment.payment_request_id for one in made] == [
        "P0",
        "P1",
        "P2",
        "P3",
        "P4",
    ]


def test_each_attempt_has_its_own_end(credentials: Credentials) -> None:
    made = _run(Line(lambda name: time.sleep(0.2) if name == "P0" else None), 2, credentials)
    assert made[0].ended_at - made[1].ended_at > timedelta(milliseconds=100)
    assert (made[0].latency_ms or 0) >= 200 > (made[1].latency_ms or 0)


@pytest.mark.parametrize("left", [-1, 0, 1.9])
def test_no_attempt_starts_with_less_time_left_than_the_gateway_may_take(
    credentials: Credentials, left: float
) -> None:
    line = Line()
    made = _run(line, 3, credentials, left=left)
    assert line.asked == []
    assert {one.result.evidence for one in made} == {Evidence.NOT_SENT}
    assert {one.result.status for one in made} == {"U"}


def test_no_attempt_starts_without_time_for_the_effects_after_it(credentials: Credentials) -> None:
    line = Line()
    _run(line, 1, credentials, left=2.5, timeout=2)
    assert line.asked == []


def test_attempts_start_with_the_time_that_a_fresh_invocation_has(
    credentials: Credentials,
) -> None:
    line = Line()
    _run(line, 2, credentials, left=29.5, timeout=8)
    assert sorted(line.asked) == ["P0", "P1"]


def test_call_that_hangs_beyond_its_timeout_does_not_hold_the_batch(
    credentials: Credentials,
) -> None:
    release = threading.Event()
    began = time.monotonic()
    made = _run(
        Line(lambda name: release.wait(5) and None if name == "P0" else None),
        2,
        credentials,
        timeout=0.2,
    )
    took = time.monotonic() - began
    release.set()
    assert took < 2
    assert [one.result.status for one in made] == ["U", "S"]
