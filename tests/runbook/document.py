"""The commands of docs/runbook.md, as they stand there.

A block that begins with ```` ```sh NAME ```` is a command that a test runs by that name. The block
`names` runs before them, as the runbook asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sandbox.stack.lifecycle import Stack
from tests.docs.documents import ROOT, named
from tests.docs.shell import Shell

RUNBOOK = ROOT / "docs" / "runbook.md"
SET_UP = "names"


def blocks() -> dict[str, str]:
    """The commands by name, in the order of the document."""
    return named("docs/runbook.md")


@dataclass(frozen=True)
class Runbook:
    """The runbook beside one stack: what an operator of that stack types."""

    stack: Stack

    def run(self, name: str, directory: Path | None = None, **variables: str) -> str:
        """Run the block of that name in a shell in which the names are set; what it printed.

        Parameters
        ----------
        directory
            Where it runs, for commands that read a file.
        variables
            What the operator fills in: `PAYMENT`, `EXECUTION`, …
        """
        return self._shell.run(blocks()[name], directory, **variables)

    @cached_property
    def _shell(self) -> Shell:
        # Once, as the runbook says; the shell of an operator keeps them.
        shell = Shell(self.stack.cloud, STACK=self.stack.name)
        shell.keep(blocks()[SET_UP])
        return shell
