"""Runs the payments of `validation` on the deployed local stack, and writes what it finds."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from statistics import median
from typing import Any

from benchmarks.scale.gateway import Disturbance
from benchmarks.scale.results import VALIDATED
from benchmarks.scale.validation import (
    GATEWAY_TIMEOUT,
    MOST,
    OUTAGES,
    RUNS,
    SLOW,
    Overhead,
    Row,
    Seen,
    chosen,
    rows,
    simulated,
)
from sandbox.processes import raise_on_signals
from sandbox.stack import STACKS, Stack

WARM_UP = 40
LONGEST_SECONDS = 600.0


class Run:
    """One stack from its first event on."""

    def __init__(self, stack: Stack) -> None:
        assert stack.stand_in is not None
        self.stack, self.stand_in = stack, stack.stand_in
        self.put_at: dict[str, float] = {}
        self.outcomes: dict[str, tuple[str, float, float]] = {}
        """Outcome, when it was resolved and when it was on the bus."""

    def put(self, name: str) -> None:
        created = datetime.now(UTC).isoformat(timespec="seconds")
        payment = {"paymentRequestId": name, "paymentCreateTime": created}
        self.stand_in.register(payment)
        self.put_at[name] = time.time()
        self.stack.put_event(payment)

    def collect(self) -> None:
        sqs, url = self.stack.cloud.client("sqs"), self.stack.outcome_tap_url
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["SentTimestamp"]
        ).get("Messages", []):
            for one in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
                detail = json.loads(one["Body"])["detail"]
                resolved = datetime.fromisoformat(detail["resolvedAt"]).timestamp()
                sent = int(one["Attributes"]["SentTimestamp"]) / 1000
                self.outcomes[detail["paymentRequestId"]] = (detail["outcome"], resolved, sent)

    def wait_for(self, names: Sequence[str]) -> None:
        until = time.monotonic() + LONGEST_SECONDS
        while not self.outcomes.keys() >= set(names):
            if time.monotonic() > until:
                raise TimeoutError(f"{len(set(names) - self.outcomes.keys())} have not ended")
            self.collect()
            time.sleep(0.5)

    def sends(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self.stand_in.requests(0)[0]:
            found.setdefault(one["paymentRequestId"], []).append(one)
        return found

    def rounds(self) -> dict[str, int]:
        """Requests for an attempt by the tracker of each payment that has one."""
        client, found = self.stack.cloud.client("stepfunctions"), {}
        pages = client.get_paginator("list_executions").paginate(
            stateMachineArn=self.stack.state_machine_arn
        )
        for page in pages:
            for one in page["executions"]:
                events = client.get_execution_history(
                    executionArn=one["executionArn"], maxResults=1000
                )["events"]
                entered = [event.get("stateEnteredEventDetails", {}) for event in events]
                found[one["name"]] = sum(event.get("name") == "RequestAttempt" for event in entered)
        return found


def measured(run: Run) -> Overhead:
    """What the stack itself takes, from payments that succeed at once, as often as the others."""
    names = [f"SUCCEEDS-warm-{number}" for number in range(2 * WARM_UP)]
    for name in names:
        run.put(name)
        time.sleep(0.25)
    run.wait_for(names)
    sends, warm = run.sends(), names[WARM_UP:]
    received = {
        name: datetime.fromisoformat(sends[name][0]["receivedAt"]).timestamp() for name in warm
    }
    return Overhead(
        before=median(received[name] - run.put_at[name] for name in warm),
        latency=median(run.outcomes[name][1] - received[name] for name in warm),
        effects=median(run.outcomes[name][2] - run.outcomes[name][1] for name in warm),
    )


def validate() -> int:
    """Print the table and keep it; 1 if a figure is off by more than `MOST`."""
    raise_on_signals()
    parameters = {
        "SlowRetryInitialSeconds": f"{SLOW.initial.total_seconds():.0f}",
        "SlowRetryMaxSeconds": f"{SLOW.max.total_seconds():.0f}",
        "GatewayTimeoutSeconds": str(GATEWAY_TIMEOUT),
    }
    print("starting the local stack; about five minutes …", flush=True)
    name = f"scale-{os.getpid()}"
    with Stack.start(name, parameters=parameters) as stack:
        run = Run(stack)
        overhead = measured(run)
        seen, outages = _load(run)
    events = [(one.arrives, one.scenario) for one in seen]
    start = datetime.now(UTC)
    ours = [simulated(events, outages, start, overhead, seed) for seed in range(RUNS)]
    found = rows(seen, ours)
    _keep(found, overhead, len(seen))
    for row in found:
        print(f"{row.name:40} {row.stack:9.2f} {row.simulation:9.2f} {row.deviation:7.1%}")
    apart = any(row.judged and row.deviation > MOST for row in found)
    if not apart:
        shutil.rmtree(STACKS / name, ignore_errors=True)
    return int(apart)


def _load(run: Run) -> tuple[list[Seen], list[Disturbance]]:
    plan = [(at, f"{name}-{number}") for number, (at, name) in enumerate(chosen(1))]
    modes = [(at, mode) for _, mode, at, _ in OUTAGES] + [(at, "normal") for *_, at in OUTAGES]
    switched: list[float] = []
    began = time.time()
    for at, name in sorted(plan + modes):
        time.sleep(max(0.0, began + at - time.time()))
        if (at, name) in modes:
            run.stand_in.set_mode(name)
            switched.append(time.time())
        else:
            run.put(name)
    run.wait_for([name for _, name in plan])
    first = min(run.put_at[name] for _, name in plan)
    sends, rounds = run.sends(), run.rounds()
    seen = []
    for _, name in plan:
        outcome, resolved, _ = run.outcomes[name]
        seen.append(
            Seen(
                scenario=name.rpartition("-")[0],
                arrives=run.put_at[name] - first,
                attempts=len(sends[name]),
                rounds=rounds.get(name, 0),
                tracked=name in rounds,
                outcome=outcome,
                resolved_at=resolved - first,
            )
        )
    moments = [at - first for at in switched]
    return seen, [
        Disturbance(kind, begins, ends)
        for (kind, *_), begins, ends in zip(OUTAGES, moments[::2], moments[1::2], strict=True)
    ]


def _keep(found: Sequence[Row], overhead: Overhead, payments: int) -> None:
    kept = {
        "payments": payments,
        "overhead": {name: round(one, 4) for name, one in asdict(overhead).items()},
        "rows": [
            {**asdict(row), "stack": round(row.stack, 3), "simulation": round(row.simulation, 3)}
            for row in found
        ],
    }
    VALIDATED.write_text(json.dumps(kept, indent=1) + "\n")
