"""The document of a run says what was measured, what was missed and why; the plot can be drawn."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchmarks import attempts, cold, deployed, growth
from benchmarks.attempts import Batches
from benchmarks.breakdown import Clocks
from benchmarks.cold import Starts
from benchmarks.deployed import Deployed
from benchmarks.figures import Figure, Target, ratio
from benchmarks.growth import Growth
from benchmarks.invocation import Invocations
from benchmarks.lab import Sample
from benchmarks.plot import plot
from benchmarks.results import Run, document
from benchmarks.tracked import rounds

ENTERED = ["Decide", "Wait", "Request", "Decide", "Wait", "Request", "Decide", "Resolved"]


@pytest.fixture
def run() -> Run:
    batches = Batches()
    for kind, wall, cpu in (("floor", 0.105, 0.007), ("attempts", 0.11, 0.0105)):
        for size in (1, 10, 100):
            for more in (0.0, 0.001):
                batches.add(kind, Sample(size, wall + more, cpu * size / 10, 1))
    for kind in ("handler", "attempts beside the SDK", "sdk"):
        batches.add(kind, Sample(10, 1.6, 0.5 if kind == "sdk" else 0.02, 1))
    starts = Starts(
        cpu={kind: [0.3, 0.3] for kind in cold.KINDS},
        wall={kind: [0.3, 0.4 if kind == "function" else 0.3] for kind in cold.KINDS},
        rss={kind: [2**20] * 2 for kind in cold.KINDS},
        modules=dict.fromkeys(cold.KINDS, 500),
        parts={"import boto3": [0.1, 0.1]},
    )
    found = Run(
        batches=batches,
        parts={
            "floor": {"RSA signature": 0.0003},
            "attempts": {"RSA signature": 0.0003, "x": 1e-4},
        },
        invocations=Invocations([0.11, 0.12], [0.001, 0.001]),
        starts=starts,
        growth=Growth({10: [0.001], 100: [0.001]}, {10: [1.9], 100: [2.0]}, [2**20] * 2),
        deployed=Deployed(100, [0.001] * 9, [2**20] * 9, 2, 0, [ENTERED]),
    )
    found.targets = [
        *attempts.targets(batches),
        *cold.targets(starts),
        *growth.targets(found.growth),
        *deployed.targets(found.deployed),
    ]
    return found


def test_document_names_what_was_missed_and_its_cause(run: Run) -> None:
    text = document(run)
    assert "| CPU per record over the floor, batch of 10 | at most 1.6 x | 1.50 x" in text
    assert text.count("**missed**") == 1
    assert "- Missed, the same by the clock: the steps below Powertools" in text


def test_document_of_a_run_without_a_miss_speaks_of_none(run: Run) -> None:
    run.targets = [target for target in run.targets if target.met]
    assert "issed" not in document(run)


def test_plot_shows_every_client(run: Run, tmp_path: Path) -> None:
    plot(run.batches, tmp_path / "plot.svg")
    drawn = (tmp_path / "plot.svg").read_text()
    assert all(f"<!-- {name} -->" in drawn for name in ("floor", "attempts", "official SDK"))


def test_a_part_inside_another_counts_once() -> None:
    clocks = Clocks()

    def burn(seconds: float) -> None:
        until = time.thread_time() + seconds
        while time.thread_time() < until:
            pass

    inner = clocks.timed(lambda: burn(0.02), "inner")
    clocks.timed(lambda: (inner(), burn(0.01)), "outer")()
    assert 0.02 <= clocks.seconds["inner"] < 0.03
    assert 0.01 <= clocks.seconds["outer"] < 0.02


def test_a_round_ends_where_the_first_state_is_entered_again() -> None:
    assert rounds(ENTERED) == [3, 3, 2]


def test_ratio_is_of_pairs_not_of_medians() -> None:
    assert ratio([1, 20, 30], [1, 10, 30]).middle == 1


def test_bound_itself_is_met() -> None:
    assert Target("", Figure.alone(1.6), 1.6).met
    assert Target("", Figure.alone(15), 15, at_least=True).met
    assert not Target("", Figure.alone(1.61), 1.6).met
