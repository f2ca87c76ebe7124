"""The commands of docs/runbook.md, as they stand there.

A block that begins with ```` ```sh NAME ```` is a command that a test runs by that name. The block
`names` runs before them, as the runbook asks for.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sandbox.stack import Stack

ROOT = Path(__file__).parents[2]
RUNBOOK = ROOT / "docs" / "runbook.md"
SET_UP = "names"
SUBSTITUTES = Path(__file__).parent / "substitutes"

_BLOCK = re.compile(r"^```sh (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> dict[str, str]:
    """The commands by name, in the order of the document."""
    found = _BLOCK.findall(RUNBOOK.read_text())
    named = dict(found)
    assert len(named) == len(found), "two blocks of the runbook have one name"
    return named


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
        return self._shell(blocks()[name], name, self._names | variables, directory)

    @cached_property
    def _names(self) -> dict[str, str]:
        # Once, as the runbook says; the shell of an operator keeps them.
        tools = str(Path(sys.executable).parent)
        environment = {
            **self.stack.cloud.environment,
            "STACK": self.stack.name,
            # What the emulated AWS lacks is caught before the AWS CLI sees it.
            "PATH": os.pathsep.join([str(SUBSTITUTES), tools, os.environ["PATH"]]),
            "TOOLS": tools,
            "PYTHONPATH": str(ROOT),
        }
        said = self._shell(f"set -a\n{blocks()[SET_UP]}env -0", SET_UP, environment)
        return dict(entry.split("=", 1) for entry in said.split("\0") if entry)

    @staticmethod
    def _shell(
        commands: str, name: str, environment: dict[str, str], directory: Path | None = None
    ) -> str:
        done = subprocess.run(
            ["sh", "-eu", "-c", commands],
            env=environment,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), f"{name}: {done.stderr}{done.stdout}"
        return done.stdout
