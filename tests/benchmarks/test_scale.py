"""The document of the simulation says what its results say, and the results what the code does."""

from __future__ import annotations

import pytest

from benchmarks.scale.document import DOCUMENT, document
from benchmarks.scale.load import EVENTS_A_MONTH, payments
from benchmarks.scale.results import RESULTS, VALIDATED, fingerprint, load
from benchmarks.scale.scenarios import DAY, START, simulate
from benchmarks.scale.summary import Summary, summary
from benchmarks.scale.validation import MOST

RUNS = [
    ("ordinary", "10"),
    ("silent", "60"),
    ("refuses", "60"),
    ("slow", "1,000"),
    ("throttles", "1,000, quotas raised"),
    ("before", "60"),
]


def test_document_is_what_the_results_make_of_it() -> None:
    assert DOCUMENT.read_text() == document(load(RESULTS), load(VALIDATED)), (
        "run: make simulate, or python -m benchmarks.scale --document"
    )


@pytest.mark.parametrize(("scenario", "setup"), RUNS)
def test_results_are_of_this_code(scenario: str, setup: str) -> None:
    # Not exactly: the last digit of a logarithm differs between machines.
    kept = load(RESULTS)["fingerprints"][f"{scenario}/{setup}"]
    assert fingerprint(scenario, setup) == pytest.approx(kept, rel=0.02), "run: make simulate"


def test_local_stack_and_simulation_agree_within_five_percent() -> None:
    rows = [row for row in load(VALIDATED)["rows"] if row["judged"]]
    assert len(rows) > 10
    for row in rows:
        assert row["simulation"] == pytest.approx(row["stack"], rel=MOST), row["name"]


@pytest.mark.parametrize(("scenario", "setup"), [("refuses", "60"), ("slow", "1,000")])
def test_figures_do_not_depend_on_how_many_payments_one_stands_for(
    scenario: str, setup: str
) -> None:
    small, large = (_summary(scenario, setup, scale) for scale in (4000, 2000))

    for name in ("visible", "executions"):
        assert getattr(small, name) == pytest.approx(getattr(large, name), rel=0.1), name
    for name in ("in_time", "refund", "unresolved"):
        assert getattr(small, name) == pytest.approx(getattr(large, name), abs=0.01), name
    assert small.peaks["calls"] == pytest.approx(large.peaks["calls"], rel=0.15)


@pytest.mark.parametrize(("scenario", "setup"), RUNS)
def test_every_payment_ends(scenario: str, setup: str) -> None:
    run = simulate(scenario, setup, 20_000)

    assert len(run.payments) == pytest.approx(EVENTS_A_MONTH / 30 / 20_000, rel=0.01)
    assert all(one.ended for one in run.payments)
    assert run.tracker.open == 0
    assert run.queue.visible == run.queue.in_flight == len(run.queue.dead) == 0


def test_payments_of_a_day_are_a_thirtieth_of_a_month() -> None:
    found = list(payments(START, DAY, 10_000, seed=1))

    assert len(found) == pytest.approx(EVENTS_A_MONTH / 30 / 10_000, rel=0.002)
    assert [one.arrives for one in found] == sorted(one.arrives for one in found)
    assert sum(one.story.seconds > 0 for one in found) == pytest.approx(len(found) / 100, rel=0.05)


def _summary(scenario: str, setup: str, scale: float) -> Summary:
    return summary(scenario, simulate(scenario, setup, scale))
