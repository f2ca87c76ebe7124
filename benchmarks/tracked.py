"""Payments that stay unknown on the deployed stack: what their trackers cost, and who needs none.

Step Functions charges for each state that an execution enters; its history tells them. A payment
that is throttled goes to its tracker at once, one that is unknown twice is resolved before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.stack import Stack

ROUNDS = 3
_PATIENCE_SECONDS = 120


def run(stack: Stack) -> tuple[int, list[list[str]]]:
    """Send the payments and wait until all have ended.

    Returns
    -------
    int
        Executions that no throttled payment has started.
    list of lists of str
        For each throttled payment, the states that its execution has entered, in order.
    """
    throttled = [f"THROTTLED-{ROUNDS}-{index}" for index in range(3)]
    unknown = [f"UNKNOWN-2-{index}" for index in range(3)]
    stack.put_events([payment(one) for one in (*throttled, *unknown)])
    machine = stack.cloud.client("stepfunctions")

    def executions() -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = machine.list_executions(
            stateMachineArn=stack.state_machine_arn
        )["executions"]
        return listed

    def ended() -> bool:
        states = {one["name"]: one["status"] for one in executions()}
        return all(states.get(one) == "SUCCEEDED" for one in throttled)

    def resolved() -> bool:
        assert stack.stand_in is not None
        calls = (stack.stand_in.requests(paymentRequestId=one)[0] for one in unknown)
        return all(len(one) == 3 for one in calls)

    _eventually(ended, "trackers that end")
    _eventually(resolved, "payments that are unknown twice")
    started = executions()
    histories = (
        machine.get_execution_history(executionArn=one["executionArn"], maxResults=1000)
        for one in started
        if one["name"] in throttled
    )
    entered = [
        [
            event["stateEnteredEventDetails"]["name"]
            for event in history["events"]
            if event["type"].endswith("StateEntered")
        ]
        for history in histories
    ]
    return len(started) - len(entered), entered


def rounds(entered: list[str]) -> list[int]:
    """How many states each round enters; a round begins where the first state is entered again."""
    starts = [at for at, name in enumerate(entered) if name == entered[0]]
    return [end - at for at, end in zip(starts, [*starts[1:], len(entered)], strict=True)]


def payment(payment_request_id: str) -> dict[str, str]:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return {"paymentRequestId": payment_request_id, "paymentCreateTime": created}


def _eventually(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {_PATIENCE_SECONDS} s for {what}")
        time.sleep(0.5)
