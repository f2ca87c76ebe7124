"""mutmut, with the tests collected once instead of once for each mutant.

    python tests/mutation/collected_once.py run          (in a directory with mutmut's settings)

A process of pytest's costs more than most mutants live: what remains for each is a fork and the
tests that call the mutated function, the fastest first, up to the first that fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Final

import mutmut
from _pytest.config import _prepareconfig
from _pytest.main import Session
from _pytest.nodes import Item, Node
from mutmut import __main__ as program

LONGEST_SECONDS: Final = 6.0
"""A test that takes longer judges no mutant."""
ENOUGH_SECONDS: Final = 40.0
"""A mutant that passes so much of the tests' time, the fastest first, counts as unnoticed."""

# mutmut 3.7 reads a private name of pytest that pytest 9.2 no longer has.
Node._nodeid = property(lambda node: node.nodeid)  # type: ignore[attr-defined]


class CollectedOnce(program.PytestRunner):  # type: ignore[misc]
    """Called by mutmut: twice to prepare (before it learns who calls what, and before the first
    mutant), then in a fork for each mutant."""

    session: Session
    prepared = 0

    def prepare_main_test_run(self) -> None:
        self.prepared += 1
        if self.prepared < 2:
            return
        with program.change_cwd("mutants"):
            settings = program.Config.get()
            config = _prepareconfig(
                [
                    "--rootdir=.",
                    "-q",
                    *settings.pytest_add_cli_args,
                    *settings.pytest_add_cli_args_test_selection,
                ]
            )
            config._do_configure()
            self.session = Session.from_config(config)
            config.hook.pytest_sessionstart(session=self.session)
            self.session.perform_collect()

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """0: none of them has failed. Without a mutant all have just run, to see who calls what."""
        if mutant_name is None:
            return int(os.environ["MUTANT_UNDER_TEST"] == "fail")
        items = {item.nodeid: item for item in self.session.items}
        if not items.keys() >= set(judges := _judges(tests)):
            return 2  # not judged: a test is called otherwise than when it was measured
        with program.change_cwd("mutants"):
            return self._first_failure([items[one] for one in judges])

    def _first_failure(self, items: list[Item]) -> int:
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.session.testsfailed:
                return 1
        return 0


def _judges(tests: Iterable[str]) -> list[str]:
    """The tests that judge a mutant, those of the cheaper tier first."""
    durations: dict[str, Any] = mutmut.duration_by_test
    by_tier = sorted(tests, key=lambda one: not one.startswith("tests/unit/"))
    chosen, seconds = [], 0.0
    for one in by_tier:
        if durations[one] > LONGEST_SECONDS:
            continue
        seconds += durations[one]
        if seconds > ENOUGH_SECONDS:
            break
        chosen.append(one)
    return chosen


_all = program.collect_source_file_mutation_data


def _every_nth(**options: Any) -> Any:
    mutants, by_path = _all(**options)
    return mutants[:: int(os.environ["MUTATION_EVERY"])], by_path


if __name__ == "__main__":
    program.PytestRunner = CollectedOnce
    program.collect_source_file_mutation_data = _every_nth
    program.cli()
