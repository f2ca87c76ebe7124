"""The version before, with payments in flight, replaced by this one: nothing is lost.

Payments of the first minute are on the queue, others wait in trackers that the version before has
started, one attempt hangs while the deployment runs. All of them end as they should, and the
trackers that were started before end under the version after.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.stack import deploy
from sandbox.stack.build import TEMPLATE
from sandbox.stack.lifecycle import LOCAL_PARAMETERS
from tests.support.stack import World, eventually, started
from tests.upgrade import previous

pytestmark = [
    pytest.mark.upgrade,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not previous.there(),
        reason=f"the history of this clone does not reach back to {previous.COMMIT[:7]}",
    ),
]

PARAMETERS = {
    "SlowRetryInitialSeconds": "20",
    "SlowRetryMaxSeconds": "20",
    "GatewayTimeoutSeconds": "3",
}
# Throttled payments go to a tracker at once; after 10 to 20 s each it tries again.
TRACKED = [f"THROTTLED-{times}-tracked-{times}" for times in (1, 2, 3, 4)]
QUEUED = [f"UNKNOWN-{times}-queued-{times}" for times in (2, 3, 4, 5)]
HANGING = ["NO_ANSWER-1-hanging", "SLOW-2-hanging"]
BEFORE = [*TRACKED, *QUEUED, *HANGING]
AFTER = ["SUCCEEDS-after", "UNKNOWN-1-after", "THROTTLED-1-after"]


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    before = previous.build(tmp_path_factory.mktemp("before"))
    with started("upgrade", template=before, parameters=PARAMETERS) as world:
        stack, old = world.stack, function(world)
        world.expire(*TRACKED, *QUEUED)
        eventually(lambda: trackers(world) == len(TRACKED), "all trackers")
        world.expire(*HANGING)
        parameters = {
            **LOCAL_PARAMETERS,
            **PARAMETERS,
            "GatewayUrl": stack.gateway_url,
            "CredentialsSecretArn": stack.secret_arn,
        }
        assert not any(world.outcomes(scenario) for scenario in TRACKED)
        deploy.deploy(stack.cloud, TEMPLATE, stack.name, parameters, stack.directory)
        assert function(world) != old, "the function was not replaced"
        world.expire(*AFTER)
        yield world


def function(world: World) -> tuple[str, str]:
    """The code that the function has, and the version that the queue invokes."""
    client, name = world.client("lambda"), world.stack.function_name
    code = client.get_function_configuration(FunctionName=name)["CodeSha256"]
    return code, client.get_alias(FunctionName=name, Name="live")["FunctionVersion"]


def trackers(world: World) -> int:
    arn = world.stack.state_machine_arn
    return len(world.client("stepfunctions").list_executions(stateMachineArn=arn)["executions"])


@pytest.mark.parametrize("scenario", [*BEFORE, *AFTER])
def test_every_payment_is_cancelled_whenever_it_came(upgraded: World, scenario: str) -> None:
    assert upgraded.outcome(scenario)["detail-type"] == "Payment Cancelled"


def test_every_tracker_of_the_version_before_ends_by_an_answer(upgraded: World) -> None:
    assert {upgraded.execution(scenario)["status"] for scenario in TRACKED} == {"SUCCEEDED"}


@pytest.mark.parametrize("scenario", TRACKED)
def test_attempts_are_counted_on_from_the_version_before(upgraded: World, scenario: str) -> None:
    detail = upgraded.outcome(scenario)["detail"]
    assert detail["attempts"] == len(upgraded.sends(scenario)) == int(scenario[-1]) + 1


def test_every_repeat_of_an_outcome_is_recognised_and_nothing_is_left(upgraded: World) -> None:
    for scenario in [*BEFORE, *AFTER]:
        upgraded.outcome(scenario)
        assert len({one["detail"]["outcomeId"] for one in upgraded.outcomes(scenario)}) == 1
    stack = upgraded.stack
    assert eventually(lambda: upgraded.empty(stack.queue_url), "an empty queue")
    assert upgraded.empty(stack.dead_letter_queue_url, stack.undelivered_events_queue_url)
