"""One target under the fuzzer, in a process of its own, which the fuzzer ends itself.

A finding does not stop the run: the shortest input for each broken promise is kept, beside what
was raised.
"""

from __future__ import annotations

import argparse
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import atheris  # type: ignore[import-untyped,unused-ignore]

from tests.fuzz import targets
from tests.fuzz.finding import Finding
from tests.fuzz.mutation import mutator

_MAX_LENGTH = 4096
_HANG_SECONDS = 20


def main() -> None:
    """Fuzz until the time or the number of runs is over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", choices=targets.NAMES)
    parser.add_argument("work", type=Path)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    given = parser.parse_args()

    with atheris.instrument_imports(include=["cancel_payment"]):
        target = targets.load(given.target)
    corpus, findings = given.work / "corpus", given.work / "findings"
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed[:_MAX_LENGTH])
    dictionary = given.work / "dictionary"
    dictionary.write_text("".join(map(_dictionary_line, target.TOKENS)))
    options = [
        f"-max_total_time={given.seconds}",
        f"-runs={given.runs}",
        f"-seed={given.seed}",
        f"-dict={dictionary}",
        f"-max_len={_MAX_LENGTH}",
        f"-timeout={_HANG_SECONDS}",
        f"-artifact_prefix={findings}/",
        "-print_final_stats=1",
    ]
    seeds = targets.HERE / "corpus" / given.target
    atheris.Setup(
        [sys.argv[0], *options, str(corpus), str(seeds)],
        keeping(target.check, findings),
        # Looked up at each call: the fuzzer puts the working one in place only when it starts.
        custom_mutator=mutator(target.TOKENS, lambda data, size: atheris.Mutate(data, size)),
    )
    atheris.Fuzz()


def keeping(check: Callable[[bytes], None], findings: Path) -> Callable[[bytes], None]:
    """The check, with each broken promise kept in a file instead of raised."""

    def check_and_keep(data: bytes) -> None:
        try:
            check(data)
        except (KeyboardInterrupt, SystemExit):
            raise
        # A panic of a native extension is no Exception.
        except BaseException as error:
            file = findings / _name_of(error)
            if not file.exists() or len(data) < file.stat().st_size:
                file.write_bytes(data)
                file.with_suffix(".txt").write_text(traceback.format_exc(), errors="replace")

    return check_and_keep


def _name_of(error: BaseException) -> str:
    if isinstance(error, Finding):
        said = str(error)
    else:
        frames = traceback.extract_tb(error.__traceback__)
        said = f"{type(error).__name__} {Path(frames[-1].filename).stem} {frames[-1].lineno}"
    return re.sub(r"[^a-z0-9]+", "-", said.lower()).strip("-")[:80]


def _dictionary_line(token: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in token.encode()) + '"\n'


if __name__ == "__main__":
    main()
