"""One deployed local stack for all procedures of a worker but one, and the runbook beside it.

What is shorter here than on AWS, and by what: a tracker asks again after 1 to 2 s
(`SlowRetryInitialSeconds`, `SlowRetryMaxSeconds`), an attempt takes at most 2 s
(`GatewayTimeoutSeconds`); other waits are shortened where they are waited for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest

from sandbox.stack.build import TEMPLATE
from sandbox.stack.lifecycle import Stack
from tests.docs.documents import named
from tests.docs.shell import Shell
from tests.stack.world import World

PARAMETERS = {
    "SlowRetryInitialSeconds": "1",
    "SlowRetryMaxSeconds": "2",
    "GatewayTimeoutSeconds": "2",
}
# The block that runs before all others, as the runbook asks for.
SET_UP = "names"


class Runbook:
    """The runbook beside one stack: what an operator of that stack types."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._blocks = named("docs/runbook.md")

    def run(self, name: str, directory: Path | None = None, **variables: str) -> str:
        """Run the block of that name in a shell in which the names are set; what it printed.

        Parameters
        ----------
        directory
            Where it runs, for commands that read a file.
        variables
            What the operator fills in: `PAYMENT`, `EXECUTION`, …
        """
        return self._shell.run(self._blocks[name], directory, **variables)

    @cached_property
    def _shell(self) -> Shell:
        # Once, as the runbook says; the shell of an operator keeps them.
        shell = Shell(self.stack.cloud, STACK=self.stack.name)
        shell.keep(self._blocks[SET_UP])
        return shell


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    if not TEMPLATE.exists():
        pytest.fail("nothing is built for this host: run `make test-runbook`")
    # Each worker of a run in parallel has a stack of its own.
    name = f"runbook-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with Stack.start(name, parameters=PARAMETERS) as stack:
        yield World(stack)


@pytest.fixture(scope="session")
def runbook(world: World) -> Runbook:
    return Runbook(world.stack)
