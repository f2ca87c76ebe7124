"""One deployed local stack for all procedures of a worker but one, and the runbook beside it.

What is shorter here than on AWS, and by what: a tracker asks again after 1 to 2 s
(`SlowRetryInitialSeconds`, `SlowRetryMaxSeconds`), an attempt takes at most 2 s
(`GatewayTimeoutSeconds`); other waits are shortened where they are waited for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from sandbox.stack.build import TEMPLATE
from sandbox.stack.lifecycle import Stack
from tests.runbook.document import Runbook
from tests.stack.world import World

PARAMETERS = {
    "SlowRetryInitialSeconds": "1",
    "SlowRetryMaxSeconds": "2",
    "GatewayTimeoutSeconds": "2",
}


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
