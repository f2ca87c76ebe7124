"""The parts of the simulated stack, each by what its service promises."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

import pytest

from benchmarks.scale.buckets import Bucket
from benchmarks.scale.figures import Figures
from benchmarks.scale.gateway import UNKNOWN, Disturbance, Kind, Story
from benchmarks.scale.load import Payment
from benchmarks.scale.poller import Slots
from benchmarks.scale.queue import Message, Queue
from benchmarks.scale.setup import UNLIMITED, Quotas, Setup
from benchmarks.scale.simulation import Simulation

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=8)))
CUTOFF = 12.25 * 3600


def _payments(number: int, story: Story | None = None, every: float = 0.1) -> list[Payment]:
    return [Payment(place * every, CUTOFF, story or Story()) for place in range(number)]


def _run(payments: list[Payment], setup: Setup | None = None, **gateway: float) -> Simulation:
    return Simulation(setup or Setup(), NOON, payments, **gateway).run(14 * 3600)


def test_bucket_lets_through_its_size_at_once_and_its_refill_after() -> None:
    bucket = Bucket(size=1000, refill=300, scale=100, clump=0)

    assert sum(bucket.take(0.0) for _ in range(100)) == 10
    assert sum(bucket.take(1.0) for _ in range(100)) == 3


def test_bucket_that_waits_is_late_by_what_is_owed() -> None:
    bucket = Bucket(size=10, refill=5, scale=1, clump=0)

    assert bucket.delay(0.0, 10) == 0
    assert bucket.delay(0.0, 10) == 2


@pytest.mark.parametrize("capacity", [0.05, 0.7, 1.0, 2.5, 40.0])
def test_slots_give_the_throughput_of_their_capacity(capacity: float) -> None:
    slots, begun, step, seconds = Slots(), 0, 0.01, 400.0
    for tick in range(int(seconds / step)):
        slots.resize(tick * step, capacity)
        while slots.free(tick * step):
            slots.take(2.0)
            begun += 1

    assert begun == pytest.approx(capacity * seconds / 2.0, rel=0.03, abs=1.5)


def test_queue_gives_out_no_more_than_may_be_in_flight() -> None:
    queue = Queue(Setup(quotas=Quotas(in_flight=15)), random.Random(1))
    for payment in _payments(30):
        queue.send(Message(payment, 0.0))

    first, _ = queue.take(0.0, 10)
    second, kept_back = queue.take(0.0, 10)

    assert (len(first), len(second), kept_back) == (10, 5, True)
    queue.hide(first[0], 7.0)
    assert queue.take(6.9, 10)[0] == []
    assert len(queue.take(7.0, 10)[0]) == 1


def test_message_received_too_often_goes_to_the_dead_letters() -> None:
    queue = Queue(Setup(max_receive_count=1), random.Random(1))
    queue.send(Message(_payments(1)[0], 0.0))
    queue.hide(queue.take(0.0, 10)[0][0], 5.0)

    assert queue.take(5.0, 10)[0] == []
    assert len(queue.dead) == 1


def test_payment_that_is_unknown_for_a_minute_costs_no_execution() -> None:
    run = _run(_payments(50, Story(meanwhile=UNKNOWN, seconds=40)))

    assert run.figures.total("StartExecution") == 0
    assert all(5 <= len(one.attempts) <= 9 for one in run.payments)


def test_payment_that_stays_unknown_is_asked_until_its_cutoff_and_then_reported() -> None:
    run = _run(_payments(20, Story(meanwhile=UNKNOWN, seconds=1e9)))

    assert {one.ended for one in run.payments} == {"UNRESOLVED"}
    assert all(one.attempts[-1] == pytest.approx(CUTOFF - 30, abs=2) for one in run.payments)
    assert max(one.attempts[-1] for one in run.payments) < CUTOFF


def test_throttled_start_brings_the_message_back_after_the_queues_timeout() -> None:
    refused = Setup(quotas=Quotas(start_size=0, start_refill=1e-9))
    run = _run(_payments(20, Story(meanwhile=UNKNOWN, seconds=200)), refused)

    throttled = [one for one in run.payments if not one.tracked]
    assert throttled
    for one in throttled:
        assert max(b - a for a, b in zip(one.attempts, one.attempts[1:], strict=False)) > 175
    assert "start_refill" in run.figures.hits


def test_token_that_times_out_behind_a_backlog_puts_the_payment_on_the_queue_again() -> None:
    # Two batches of ten silent calls of 8 s: 400 messages wait for longer than a token lives.
    setup = Setup(concurrency=2, token_timeout=60, quotas=UNLIMITED)
    silent = [Disturbance(Kind.SILENT, 0, 2000)]
    payments = _payments(400, every=0.01)
    run = Simulation(setup, NOON, payments, disturbances=silent).run(14 * 3600)

    assert run.tracker.doubled > 0
    assert {one.ended for one in run.payments} == {"CANCELLED"}
    assert run.tracker.open == 0


def test_gateway_above_its_rate_makes_calls_wait_and_answers_no_more() -> None:
    limited = [Disturbance(Kind.SLOW, 0, 600, rate=20)]
    payments = _payments(30_000, every=0.02)
    run = Simulation(Setup(quotas=UNLIMITED), NOON, payments, disturbances=limited).run(14 * 3600)

    answered = sum(one.ended_at < 600 for one in run.payments if one.ended)
    assert answered == pytest.approx(20 * 600, rel=0.15)


def test_rates_are_at_full_size() -> None:
    figures = Figures(scale=100)
    for second in range(300):
        figures.count("calls", second)

    assert figures.peak("calls") == 100
    assert figures.total("calls") == 30_000
