"""Every input of the corpus, without the fuzzer: fast, and on every platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import targets


@pytest.mark.parametrize(
    ("name", "file"),
    [
        pytest.param(name, file, id=f"{name}-{file.name}")
        for name in targets.NAMES
        for file in targets.corpus(name)
    ],
)
def test_no_input_of_the_corpus_breaks_a_promise(name: str, file: Path) -> None:
    targets.load(name).check(file.read_bytes())


@pytest.mark.parametrize("name", targets.NAMES)
def test_no_seed_that_is_made_at_run_time_breaks_a_promise(name: str) -> None:
    target = targets.load(name)
    for seed in target.seeds():
        target.check(seed)
