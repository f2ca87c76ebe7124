"""One deployed local stack for all procedures of a worker but one, and the runbook beside it.

What is shorter here than on AWS, and by what: a tracker asks again after 1 to 2 s
(`SlowRetryInitialSeconds`, `SlowRetryMaxSeconds`), an attempt takes at most 2 s
(`GatewayTimeoutSeconds`); other waits are shortened where they are waited for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.docs.documents import named
from tests.docs.shell import Shell
from tests.support.stack import World, eventually, started

PARAMETERS = {
    "SlowRetryInitialSeconds": "1",
    "SlowRetryMaxSeconds": "2",
    "GatewayTimeoutSeconds": "2",
}
# The block that runs before all others, as the runbook asks for.
SET_UP = "names"


class Runbook:
    """The runbook beside one stack: what an operator of that stack types."""

    def __init__(self, world: World) -> None:
        self.world = world
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

    def read(self, name: str, **variables: str) -> Any:
        """What a block prints, as JSON."""
        return json.loads(self.run(name, **variables))

    def wait_for_dead_letters(self, number: int) -> None:
        queue = self.world.stack.dead_letter_queue_url
        eventually(lambda: self.world.waiting(queue)[0] == number, f"{number} dead letters")

    @cached_property
    def _shell(self) -> Shell:
        # Once, as the runbook says; the shell of an operator keeps them.
        shell = Shell(self.world.stack.cloud, STACK=self.world.stack.name)
        shell.keep(self._blocks[SET_UP])
        return shell


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with started("runbook", parameters=PARAMETERS) as world:
        yield world


@pytest.fixture(scope="session")
def runbook(world: World) -> Runbook:
    return Runbook(world)


@pytest.fixture(autouse=True)
def _no_dead_letters(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each procedure begins and ends without any."""
    yield
    if "runbook" in request.fixturenames:
        world: World = request.getfixturevalue("world")
        # Also what somebody has received, and what would be visible again in the next procedure.
        world.sqs.purge_queue(QueueUrl=world.stack.dead_letter_queue_url)
