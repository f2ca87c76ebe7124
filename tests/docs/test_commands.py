"""No command stands in a document that nothing runs."""

from __future__ import annotations

import pytest

from tests.docs import commands
from tests.docs.documents import ROOT, as_written

WHAT_TO_DO = (
    "nothing runs these commands. Give the block a name (```sh NAME) and run it in a test, as in "
    "tests/docs/test_going_live.py; or run the command in a test that asks for it with "
    "as_written(DOCUMENT, BEGINNING); or, if it is a make target that has to hold in CI, add it to "
    ".ci/run"
)
FENCED = list(commands.fenced())
INLINE = sorted(set(commands.inline()))
# Named in passing; run under these words by the file beside it.
ELSEWHERE = {
    "sam local invoke CancelPaymentFunction -e events/cancelled.json": "tests/sam_local/run.py",
    "sam local start-lambda": "tests/sam_local/run.py",
    # Needs a deployment by CodeDeploy, which the emulated AWS does not know.
    "aws deploy stop-deployment --auto-rollback-enabled": "docs/runbook.md",
    ".venv/bin/uv lock": "tests/docs/test_version.py",
}


@pytest.mark.parametrize("document", sorted({one.document for one in FENCED}))
def test_every_command_is_run_by_something(document: str) -> None:
    left = [one.text for one in FENCED if one.document == document and one.run_by is None]
    assert left == [], WHAT_TO_DO


@pytest.mark.parametrize(
    "command",
    sorted(
        {one.text for one in FENCED if one.text.startswith("make ")}
        | {command for _, command in INLINE if command.startswith("make ")}
    ),
)
def test_every_make_command_has_a_target(command: str) -> None:
    assert commands.target_exists(command)


def test_a_target_that_is_not_there_is_noticed() -> None:
    assert not commands.target_exists("make no-such-target")


def test_every_command_named_in_passing_is_one_of_make_or_known() -> None:
    left = {one for _, one in INLINE if not one.startswith("make ")} - ELSEWHERE.keys()
    left -= set(commands.of_a_real_account())
    left -= {one for one in left if any(one in command.text for command in FENCED)}
    left -= {one for one in left if commands.module_exists(one)}
    assert left == set(), "run it somewhere, and say where in ELSEWHERE"


@pytest.mark.parametrize("path", sorted(set(ELSEWHERE.values())))
def test_what_is_said_to_run_elsewhere_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_there_are_commands_to_hold() -> None:
    assert {"README.md", "CONTRIBUTING.md"} <= {one.document for one in FENCED}
    assert {"make run", "make test"} <= {one.text for one in FENCED}


def test_a_command_is_taken_without_its_comment_and_by_its_beginning_alone() -> None:
    assert as_written("README.md", "make send ID=UNKNOWN") == "make send ID=UNKNOWN-2-a"
    with pytest.raises(AssertionError, match="2 commands"):
        as_written("README.md", "make send")
