"""The capacity model: its document says what its results say, the results what the code does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from benchmarks.scale import validation
from benchmarks.scale.agenda import Agenda, Bucket
from benchmarks.scale.document import DOCUMENT, document, results
from benchmarks.scale.gateway import Disturbance, Kind
from benchmarks.scale.load import EVENTS_A_MONTH, Payment, payments
from benchmarks.scale.scenarios import DAY, START, herd, simulate
from benchmarks.scale.setup import Quotas, Setup
from benchmarks.scale.simulation import Simulation
from benchmarks.scale.summary import summary

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=8)))
CUTOFF = 12.25 * 3600
FOR_EVER = 1e9


def _payments(number: int, every: float = 0.1, **unknown: float) -> list[Payment]:
    return [Payment(place * every, CUTOFF, **unknown) for place in range(number)]  # type: ignore[arg-type]


def _run(
    found: list[Payment],
    setup: Setup | None = None,
    bad: Disturbance | None = None,
    **gateway: float,
) -> Simulation:
    return Simulation(setup or Setup(), NOON, found, disturbance=bad, **gateway).run(16 * 3600)


def test_document_is_what_the_results_make_of_it() -> None:
    assert DOCUMENT.read_text() == document(), "run: make simulate"


@pytest.mark.parametrize(("scenario", "setup"), [("ordinary", "60"), ("back 30", "60")])
def test_results_are_of_this_code(scenario: str, setup: str) -> None:
    kept, found = results()[scenario][setup], summary(simulate(scenario, setup))
    # Not exactly: the last digit of a logarithm differs between machines.
    for name in ("in_time", "refund", "unresolved", "reported"):
        assert getattr(found, name) == pytest.approx(kept[name], abs=0.005), "run: make simulate"
    assert found.executions == pytest.approx(kept["executions"], rel=0.3), "run: make simulate"


def test_local_stack_and_model_agree() -> None:
    model = validation.mean_of_runs()

    for row in validation.kept():
        assert row["model"] == pytest.approx(model[row["name"]], rel=0.01), "run: VALIDATE=1"
        assert abs(row["apart"]) <= validation.MOST, row["name"]


def test_figures_do_not_depend_on_how_many_payments_one_stands_for() -> None:
    small, large = (summary(simulate("slow", "1,000", scale)) for scale in (8000, 4000))

    for name in ("waiting", "executions"):
        assert getattr(small, name) == pytest.approx(getattr(large, name), rel=0.15), name
    for name in ("in_time", "refund", "unresolved"):
        assert getattr(small, name) == pytest.approx(getattr(large, name), abs=0.01), name


def test_herd_that_waits_in_trackers_is_served_within_five_minutes() -> None:
    run = herd(5, scale=100)
    outcomes = Counter(one.outcome for one in run.payments)

    # At 370 calls a second there is little to spare.
    assert outcomes["CANCELLED"] > 0.95 * len(run.payments)
    assert outcomes["UNRESOLVED"] == 0
    assert all(one.execution is not None for one in run.payments)


def test_closing_call_settles_what_came_too_late() -> None:
    outcomes = Counter(one.outcome for one in herd(2, scale=200).payments)
    without = Counter(one.outcome for one in herd(2, closing_call=0, scale=200).payments)

    assert outcomes.keys() == {"CANCELLED", "REFUND_REQUIRED"}
    assert without["UNRESOLVED"] > 0


@pytest.mark.parametrize("setup", ["10", "1,000", "60, KMS signs"])
def test_every_payment_ends_and_nothing_is_left(setup: str) -> None:
    run = simulate("back 30", setup, 20_000)

    assert len(run.payments) == pytest.approx(EVENTS_A_MONTH / 30 / 20_000, rel=0.01)
    assert all(one.outcome for one in run.payments)
    assert run.tracker.open == run.queue.visible == run.queue.in_flight == 0


def test_payments_of_a_day_are_a_thirtieth_of_a_month() -> None:
    found = list(payments(START, DAY, 10_000, seed=1))

    assert len(found) == pytest.approx(EVENTS_A_MONTH / 30 / 10_000, rel=0.002)
    assert [one.arrives for one in found] == sorted(one.arrives for one in found)
    assert sum(one.unknown_for > 0 for one in found) == pytest.approx(len(found) / 100, rel=0.05)


def test_payment_that_is_unknown_for_a_minute_costs_no_execution() -> None:
    run = _run(_payments(50, unknown_for=40))

    assert run.total("StartExecution") == 0
    assert all(5 <= len(one.sends) <= 9 for one in run.payments)


def test_payment_that_stays_unknown_is_asked_until_its_cutoff_and_once_after_it() -> None:
    run = _run(_payments(20), bad=Disturbance(Kind.UNKNOWN, 0, FOR_EVER))

    assert {one.outcome for one in run.payments} == {"UNRESOLVED"}
    for one in run.payments:
        *_, last, closing = one.sends
        assert CUTOFF - 62 <= last <= CUTOFF - 28
        assert 60 <= closing - CUTOFF <= 902


def test_fast_interval_is_kept_whatever_the_backlog() -> None:
    run = _run(_payments(2000, every=0), bad=Disturbance(Kind.SILENT, 0, 300), spread=0.0)

    for one in run.payments:
        gaps = [then - now for now, then in zip(one.sends, one.sends[1:], strict=False)]
        # From the end of an attempt, which gave up after 8 s.
        assert min(gaps, default=99) >= 8 + 5
    assert run.queue.dead == []


def test_throttled_start_brings_the_message_back_ever_later() -> None:
    refused = Setup(quotas=Quotas(open_executions=0))
    run = _run(_payments(20, unknown_for=2000), refused)

    for one in run.payments:
        gaps = [then - now for now, then in zip(one.sends, one.sends[1:], strict=False)]
        assert max(gaps) == pytest.approx(180, abs=2)
    assert "open executions" in run.refused


def test_what_kms_cannot_sign_is_not_sent() -> None:
    run = _run(_payments(3000, every=0.01), Setup(quotas=Quotas(sign=20)))

    assert run.peak("calls") <= 20.1
    assert {one.outcome for one in run.payments} == {"CANCELLED"}


def test_token_that_times_out_behind_a_backlog_puts_the_payment_on_the_queue_again() -> None:
    setup = Setup(concurrency=2, token_timeout=60, quotas=Quotas())
    run = _run(_payments(400, every=0.01), setup, Disturbance(Kind.SILENT, 0, 2000))

    assert run.tracker.timed_out > 0
    assert {one.outcome for one in run.payments} == {"CANCELLED"}


def test_gateway_above_its_rate_makes_calls_wait_and_answers_no_more() -> None:
    bad = Disturbance(Kind.SLOW, 0, 600, rate=20)
    run = _run(_payments(30_000, every=0.02), bad=bad)

    answered = sum(one.ended_at < 600 for one in run.payments if one.outcome)
    assert answered == pytest.approx(20 * 600, rel=0.15)


@pytest.mark.parametrize("scale", [1, 10, 200])
def test_throughput_is_that_of_the_concurrency(scale: float) -> None:
    setup = replace(Setup(scale=scale), effects=0.0)
    run = _run(_payments(2000, every=0.0), setup, spread=0.0)

    # A hundred records at a time, a tenth of a second each.
    assert max(one.ended_at for one in run.payments) == pytest.approx(2000 * scale / 1000, rel=0.06)


def test_bucket_lets_through_its_size_at_once_and_its_refill_after() -> None:
    bucket = Bucket(size=1000, refill=300, scale=10)
    grain = 5

    assert sum(bucket.take(0.0) for _ in range(1000)) == 100 + grain
    assert sum(bucket.take(1.0) for _ in range(1000)) == 30
    assert bucket.delay(1.0, 60) == 2


def test_agenda_keeps_the_order_of_what_happens_at_once() -> None:
    agenda, seen = Agenda(NOON), []
    note: Callable[[int], None] = seen.append
    for number in range(3):
        agenda.at(1.0, note, number)
    agenda.run(2.0)

    assert seen == [0, 1, 2]
