"""The document of a run says what was measured and what was missed."""

from __future__ import annotations

import pytest

from benchmarks import batches, growth, starts
from benchmarks.batches import Batches
from benchmarks.figures import Figure, Target, ratio
from benchmarks.growth import Growth
from benchmarks.lab import Sample
from benchmarks.results import Run, document
from benchmarks.starts import Starts


@pytest.fixture
def run() -> Run:
    measured = Batches()
    for who, cpu in (("floor", 0.01), ("attempts", 0.014), ("handler", 0.02)):
        for size in (1, 10, 100):
            measured.samples[who, size] = [
                Sample(size, 0.1 + more, cpu * size / 10, 1) for more in (0, 0.01)
            ]
    measured.samples["attempts_before", 10] = [Sample(10, 0.3, 0.03, 1)] * 2
    measured.samples["attempts beside the SDK", 10] = [Sample(10, 0.1, 0.014, 1)]
    measured.samples["sdk", 10] = [Sample(10, 1.6, 1.0, 1)]
    started = Starts(
        cpu={"bare": [0.1, 0.1], "comparison": [0.3, 0.3, 0.3], "function": [0.3, 0.3, 0.4]},
        rss=dict.fromkeys(("bare", "comparison", "function"), [2**20] * 3),
        modules=dict.fromkeys(("bare", "comparison", "function"), 500),
    )
    grown = Growth({10: [0.001], 100: [0.001]}, {10: [1.9], 100: [2.0]}, [2**20] * 2)
    found = Run(measured, started, grown, [0.05] * 99 + [0.5])
    found.targets = [
        *batches.targets(measured),
        *starts.targets(started),
        *growth.targets(grown),
    ]
    return found


def test_document_names_what_was_missed(run: Run) -> None:
    text = document(run)

    assert "| batch of 10, CPU per record over the floor | at most 1.5 x |" in text
    assert [one.name for one in run.targets if not one.met] == [
        "cold start to the first byte sent, CPU over the imports"
    ]
    assert text.count("**missed**") == 1
    assert "50 ms (p50)" in text


def test_other_build_stands_beside_this_one(run: Run) -> None:
    (wall,) = [one for one in run.targets if one.name.startswith("batch of 10, wall")]

    assert wall.before is not None
    assert wall.before.middle > wall.measured.middle


def test_quartiles_count_where_the_target_says_so() -> None:
    spread = Figure.of([1.0, 1.1, 1.4])

    assert Target("", spread, 1.15).met
    assert not Target("", spread, 1.15, quartiles=True).met


def test_ratio_is_of_pairs_not_of_medians() -> None:
    assert ratio([1, 20, 30], [1, 10, 30]).middle == 1


def test_bound_itself_is_met() -> None:
    assert Target("", Figure.of([1.5]), 1.5).met
    assert Target("", Figure.of([40]), 40, at_least=True).met
    assert not Target("", Figure.of([1.51]), 1.5).met
