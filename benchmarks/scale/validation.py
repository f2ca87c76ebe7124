"""The same payments through the deployed local stack and through the model: how far they are apart.

    python -m benchmarks.scale.validation    # about five minutes; 1 where a figure is off by more

The gateway answers unknown to everything for a while, besides to each payment as its id says.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from cancel_payment.decision import SlowRetry

from benchmarks.scale.gateway import Disturbance, Kind
from benchmarks.scale.load import Payment
from benchmarks.scale.setup import Setup
from benchmarks.scale.simulation import Simulation
from sandbox.stack.lifecycle import Stack
from sandbox.stack.processes import raise_on_signals

KEPT: Final = Path(__file__).with_name("validated.json")
# The local machine's own time is on one side only.
MOST: Final = 0.10
EVERY: Final = 0.5
OUTAGE: Final = (40.0, 60.0)
SLOW: Final = SlowRetry(timedelta(seconds=10), timedelta(seconds=20))
RUNS: Final = 10
# How often the stand-in answers unknown, by the payment's id; in turn.
UNKNOWN_TIMES: Final = (0, 2, 5, 14)
PAYMENTS: Final = 200
_PATIENCE_SECONDS = 400.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One payment, on either side; `took`: seconds from its event to its outcome."""

    sends: int
    rounds: int
    took: float


def name(number: int) -> str:
    times = UNKNOWN_TIMES[number % len(UNKNOWN_TIMES)]
    return f"UNKNOWN-{times}-{number}" if times else f"SUCCEEDS-{number}"


def on_the_stack() -> list[Seen]:
    bounds = {"Initial": SLOW.initial, "Max": SLOW.max}
    parameters = {f"SlowRetry{name}Seconds": str(one.seconds) for name, one in bounds.items()}
    with Stack.start("scale", parameters=parameters) as stack:
        assert stack.stand_in is not None
        began, put_at = time.time() + 1, {}
        for number in range(PAYMENTS):
            at = number * EVERY
            time.sleep(max(0.0, began + at - time.time()))
            if at in OUTAGE:
                stack.stand_in.set_mode("unknown" if at == OUTAGE[0] else "normal")
            created = datetime.now(UTC).isoformat(timespec="seconds")
            payment = {"paymentRequestId": name(number), "paymentCreateTime": created}
            stack.stand_in.register(payment)
            put_at[name(number)] = time.time()
            stack.put_event(payment)
        ended_at = _outcomes(stack)
        sends = Counter(one["paymentRequestId"] for one in stack.stand_in.requests(0)[0])
        rounds = _rounds(stack)
    return [Seen(sends[one], rounds[one], ended_at[one] - at) for one, at in put_at.items()]


def _outcomes(stack: Stack) -> dict[str, float]:
    """When each payment's outcome was on the bus."""
    sqs, found = stack.cloud.client("sqs"), dict[str, float]()
    until = time.monotonic() + _PATIENCE_SECONDS
    while len(found) < PAYMENTS:
        if time.monotonic() > until:
            raise TimeoutError(f"{PAYMENTS - len(found)} payments have no outcome")
        answer = sqs.receive_message(
            QueueUrl=stack.outcome_tap_url, MaxNumberOfMessages=10, AttributeNames=["SentTimestamp"]
        )
        for one in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=stack.outcome_tap_url, ReceiptHandle=one["ReceiptHandle"])
            at = int(one["Attributes"]["SentTimestamp"]) / 1000
            found[json.loads(one["Body"])["detail"]["paymentRequestId"]] = at
    return found


def _rounds(stack: Stack) -> Counter[str]:
    client, found = stack.cloud.client("stepfunctions"), Counter[str]()
    pages = client.get_paginator("list_executions").paginate(
        stateMachineArn=stack.state_machine_arn
    )
    for one in (one for page in pages for one in page["executions"]):
        history = client.get_execution_history(executionArn=one["executionArn"], maxResults=1000)
        states = [event.get("stateEnteredEventDetails", {}) for event in history["events"]]
        found[one["name"]] = sum(state.get("name") == "RequestAttempt" for state in states)
    return found


def modelled(seed: int) -> list[Seen]:
    payments = [
        Payment(number * EVERY, 1e6, unknown_times=UNKNOWN_TIMES[number % len(UNKNOWN_TIMES)])
        for number in range(PAYMENTS)
    ]
    outage = Disturbance(Kind.UNKNOWN, *OUTAGE)
    setup = Setup(concurrency=2, slow=SLOW, poll=1.0, effects=0.01)
    start = datetime.now(UTC)
    Simulation(setup, start, payments, seed=seed, disturbance=outage, latency=0.01, spread=0.0).run(
        3600
    )
    return [
        Seen(
            len(one.sends),
            one.execution.rounds if one.execution else 0,
            one.ended_at - one.arrives,
        )
        for one in payments
    ]


def figures(seen: Sequence[Seen]) -> dict[str, float]:
    found: dict[str, float] = {
        "attempts": sum(one.sends for one in seen),
        "executions": sum(one.rounds > 0 for one in seen),
        "tracker rounds": sum(one.rounds for one in seen),
        "seconds to the outcome, mean": fmean(one.took for one in seen),
    }
    for place, times in enumerate(UNKNOWN_TIMES):
        of = seen[place :: len(UNKNOWN_TIMES)]
        found[f"unknown {times} times: attempts each"] = fmean(one.sends for one in of)
        if times:
            found[f"unknown {times} times: seconds, mean"] = fmean(one.took for one in of)
    return found


def main() -> int:
    raise_on_signals()
    stack, model = figures(on_the_stack()), mean_of_runs()
    rows = [
        {"name": one, "stack": round(value, 2), "model": round(model[one], 2)}
        for one, value in stack.items()
    ]
    KEPT.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
    found = kept()
    print(*found, sep="\n")
    return int(any(abs(row["apart"]) > MOST for row in found))


def mean_of_runs() -> dict[str, float]:
    runs = [figures(modelled(seed)) for seed in range(RUNS)]
    return {one: fmean(run[one] for run in runs) for one in runs[0]}


def kept() -> list[dict[str, Any]]:
    """The figures of the last validation; `apart`: of the model, relative to the stack."""
    rows: list[dict[str, Any]] = json.loads(KEPT.read_text())
    return [{**row, "apart": row["model"] / row["stack"] - 1} for row in rows]


if __name__ == "__main__":
    sys.exit(main())
