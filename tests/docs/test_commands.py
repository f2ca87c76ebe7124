"""No command stands in a document that nothing runs.

A block of its own name, ```` ```sh NAME ````, is run whole: a test names it (`BLOCKS["NAME"]` or
`run("NAME")`) in a file that also names the document. A command without a name is run by CI, as a
line of `.ci/run`, or by a test that asks for it with `as_written(DOCUMENT, BEGINNING)`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest

from tests.docs.documents import (
    DOCUMENTS,
    ROOT,
    Block,
    as_written,
    blocks,
    prose,
)

WHAT_TO_DO: Final = (
    "nothing runs these commands. Give the block a name (```sh NAME) and run it in a test, as in "
    "tests/docs/test_going_live.py; or run the command in a test that asks for it with "
    "as_written(DOCUMENT, BEGINNING); or, if it is a make target that has to hold in CI, add it to "
    ".ci/run"
)
_AS_WRITTEN = re.compile(r'as_written\(\s*"([^"]+)",\s*"([^"]+)"')
_NAMED = re.compile(r'(?:BLOCKS\[|\.run\(|\.read\(|SET_UP = )\s*"([a-z0-9-]+)"')
_INLINE = re.compile(r"`(make [^`]+)`")

CI: Final = [one for one in (ROOT / ".ci" / "run").read_text().splitlines() if one[:5] == "make "]
TESTS: Final = {
    path: path.read_text()
    for path in sorted((ROOT / "tests").rglob("*.py"))
    if path.stem != "test_commands"
}
SHELL: Final = [
    block
    for document in DOCUMENTS
    for block in blocks(document)
    if block.language in {"sh", "bash", "shell", "console"}
]
FENCED: Final = [command for block in SHELL if not block.name for command in block.commands]
INLINE: Final = [one for path in DOCUMENTS for one in _INLINE.findall(prose(path))]
MAKE: Final = sorted({one for one in FENCED + INLINE if one.startswith("make ")})


def is_run(block: Block) -> bool:
    """Whether a test runs a block by its name."""
    for path, text in TESTS.items():
        # The tests of the runbook name it once, by a constant.
        of_runbook = block.document == "docs/runbook.md" and path.parent.name == "runbook"
        if (of_runbook or block.document in text) and block.name in _NAMED.findall(text):
            return True
    return False


def not_run(block: Block) -> Iterator[str]:
    """What of a block nothing runs."""
    if block.name:
        yield from [] if is_run(block) else [block.name]
        return
    asked = {one for text in TESTS.values() for one in _AS_WRITTEN.findall(text)}
    run = {as_written(*one) for one in asked if one[0] == block.document}
    yield from (one for one in block.commands if one not in run and one not in CI)


def target_exists(command: str) -> bool:
    """Whether make knows what to do for a command; nothing of it is done."""
    make = ["make", "--dry-run", *command.split()[1:]]
    return subprocess.run(make, cwd=ROOT, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("document", sorted({one.document for one in SHELL}))
def test_every_command_is_run_by_something(document: str) -> None:
    mine = [block for block in SHELL if block.document == document]
    assert [one for block in mine for one in not_run(block)] == [], WHAT_TO_DO


@pytest.mark.parametrize("command", MAKE)
def test_every_make_command_has_a_target(command: str) -> None:
    assert target_exists(command)


def test_what_is_missing_is_noticed() -> None:
    assert not target_exists("make no-such-target")
    assert {"make run", "make test"} <= {*FENCED}
    assert {"README.md", "CONTRIBUTING.md"} <= {one.document for one in SHELL}
    block = Block("README.md", "sh", "", "make nothing  # else\n")
    assert [*not_run(block)] == ["make nothing"]
    assert [*not_run(Block("README.md", "sh", "nobody", ""))] == ["nobody"]
