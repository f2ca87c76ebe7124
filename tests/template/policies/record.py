"""Record the calls of a run of the whole stack: ``python -m tests.template.policies.record``.

Needs `make build`; takes about a minute. Writes `calls.json`, which the tests of this folder
evaluate, and which the tests of the whole stack compare with what their own run calls.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from sandbox.stack import Stack
from tests.stack.world import World, eventually
from tests.template.policies import calls, heard, proxy

PARAMETERS = {
    "SlowRetryInitialSeconds": "1",
    "SlowRetryMaxSeconds": "2",
    "GatewayTimeoutSeconds": "2",
    "ClosingCallSeconds": "1",
}
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=3)


def main() -> None:
    with (
        proxy.listening(proxy.Proxy()) as between,
        Stack.start(
            "policies", parameters=PARAMETERS, environment=between.environment, kms=True
        ) as stack,
    ):
        between.upstream = stack.cloud.endpoint_url
        world = World(stack)
        run(world)
        found = heard.calls(stack, between)
    calls.keep(found)
    print(f"{len(found)} calls, by {len({one.by for one in found})} principals")


def run(world: World) -> None:
    """Every way that ends in a call of AWS, once."""
    put_back = ["UNKNOWN-1-put-back", "FAILS-PROCESS_FAIL-refused"]
    refund = "FAILS-CANCEL_WINDOW_EXCEED-refund"
    world.stack.put_events([world.event(one) for one in [*put_back, refund, "THROTTLED-1-tracked"]])
    world.stack.put_event(world.event("UNKNOWN-unresolved", created=LONG_AGO))
    sqs = world.stack.cloud.client("sqs")
    copied = world.event("UNKNOWN-1-copied") | {
        # A token that nobody waits for: the function looks whether the tracker runs.
        "tracking": {
            "taskToken": "none",
            "attempts": 2,
            "firstAttemptAt": NOW.isoformat(),
            "execution": world.id("UNKNOWN-1-copied"),
        }
    }
    for body in ("not JSON", json.dumps(copied)):
        sqs.send_message(QueueUrl=world.stack.queue_url, MessageBody=body)
    track(world, "FAILS-ACCESS_DENIED-1-tracked", NOW)
    stopped = track(world, "UNKNOWN-stopped", NOW + timedelta(hours=1))
    world.stack.cloud.client("stepfunctions").stop_execution(executionArn=stopped)

    tracked = ["THROTTLED-1-tracked", "UNKNOWN-unresolved", "FAILS-ACCESS_DENIED-1-tracked"]
    for one in [*put_back, refund, *tracked, "UNKNOWN-1-copied"]:
        print(world.outcome(one)["detail-type"], one)
    for one in tracked:
        world.execution(one)
    eventually(lambda: has_case_of_a_stopped_tracker(world), "the case of a stopped tracker")


def track(world: World, scenario: str, next_attempt: datetime) -> str:
    arn: str = world.stack.cloud.client("stepfunctions").start_execution(
        stateMachineArn=world.stack.state_machine_arn,
        name=world.id(scenario),
        input=json.dumps(
            {
                "payment": world.event(scenario),
                "cutoffAt": (NOW + timedelta(hours=12)).isoformat(),
                "firstAttemptAt": (NOW - timedelta(minutes=1)).isoformat(),
                "attempts": 9,
                "nextAttemptAt": next_attempt.isoformat(),
            }
        ),
    )["executionArn"]
    return arn


def has_case_of_a_stopped_tracker(world: World) -> bool:
    found = world.stack.cloud.client("sqs").receive_message(
        QueueUrl=world.stack.operator_cases_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return any("ABORTED" in one["Body"] for one in found.get("Messages", []))


if __name__ == "__main__":
    main()
