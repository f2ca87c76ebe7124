"""The part of docs/scale.md that explains: what to set, the limits, the validation, the model."""

from __future__ import annotations

from typing import Any

from benchmarks.prose import item, paragraph
from benchmarks.scale import load
from benchmarks.scale.limits import AS_OF, LIMITS, REGION
from benchmarks.scale.scenarios import GATEWAY_RATE, RAISED, SCALE
from benchmarks.scale.setup import Quotas, Setup
from benchmarks.scale.tables import limits
from benchmarks.scale.validation import CONCURRENCY, GATEWAY_TIMEOUT, MOST, OUTAGES, RUNS, SLOW


def what_to_set(runs: dict[str, Any]) -> list[str]:
    small_batches = runs["ordinary"]["1,000"]["peaks"]["PutEvents"]
    return [
        "## What to set, and what to ask for",
        "",
        *item(
            "`MaximumConcurrency`: the events a second of the worst burst, times the seconds of a",
            "batch (0.27 at a median latency of 0.1 s), by ten, and a third more: here 60. The",
            "gateway then gets up to 60 times 10 by 0.27 calls a second when a backlog drains: ask",
            "Alipay+ whether it takes them, and stay below if not.",
        ),
        *item(
            "No quota is needed for payments to end as they should. To ride out refusals without",
            f"throttling, ask for StartExecution {RAISED.start_refill:,.0f} a second,",
            f"SendTaskSuccess {RAISED.tell_refill:,.0f}, StateTransition",
            f"{RAISED.transition_refill:,.0f}, {RAISED.open_executions / 1e6:.0f} million open",
            f"executions and {RAISED.in_flight:,.0f} messages in flight; a longer",
            "`SlowRetryMaxSeconds` needs less of the second and the third.",
        ),
        *item(
            "In a region with the smaller quotas of the table Step Functions is met at half the",
            "traffic, and PutEvents in a burst: one call a batch, which makes",
            f"{small_batches:,.0f} a second where 1,000 batches at a time keep them small.",
        ),
        *item(
            "A backlog of more than 45 minutes makes it worse by itself: the trackers' tokens time",
            "out and each puts its payment on the queue again (*twice*: with 10 batches at a time",
            f"{runs['refuses']['10']['doubled'] / 1e6:.1f} million calls more). The calls are",
            "idempotent; what helps is a concurrency that drains the queue.",
        ),
        "",
    ]


def limits_section() -> list[str]:
    return [
        "## Limits",
        "",
        *limits(LIMITS),
        *paragraph(
            f"As of {AS_OF}, {REGION}; *smallest* is the figure of the regions with least.",
            "Read in stored copies of the pages, none live: look at the Service Quotas console",
            "before relying on them. AWS calls its figure of messages in flight approximate.",
        ),
    ]


def validation_section(validated: dict[str, Any]) -> list[str]:
    overhead = validated["overhead"]
    lines = [
        "## Validated",
        "",
        *paragraph(
            f"`make simulate VALIDATE=1` sends {validated['payments']} payments of mixed scenarios",
            f"through the deployed local stack, {CONCURRENCY} batches at a time, with the slow",
            f"phase at {SLOW.initial.seconds} to {SLOW.max.seconds} s, and the same events at the",
            f"same moments through the simulation (mean of {RUNS} runs). The gateway answers",
            f"unknown to everything from second {OUTAGES[0][2]:.0f} to {OUTAGES[0][3]:.0f}, and",
            f"nothing from {OUTAGES[1][2]:.0f} to {OUTAGES[1][3]:.0f} (timeout",
            f"{GATEWAY_TIMEOUT} s). It fails above {MOST * 100:.0f} %.",
        ),
        "| | local stack | simulation | apart |",
        "| --- | ---: | ---: | ---: |",
    ]
    for row in validated["rows"]:
        apart = abs(row["simulation"] - row["stack"]) / row["stack"] if row["stack"] else 0.0
        shown = f"{apart * 100:.1f} %" if row["judged"] else "not judged"
        lines.append(
            f"| {row['name']} | {row['stack']:,.2f} | {row['simulation']:,.2f} | {shown} |"
        )
    return [
        *lines,
        "",
        *paragraph(
            "The machine's own time is measured with payments that succeed at once, before the",
            f"run, and given to the simulation: {overhead['before'] * 1000:.0f} ms from the event",
            f"to the call, {overhead['latency'] * 1000:.0f} ms for the call,",
            f"{overhead['effects'] * 1000:.0f} ms for the effects. The last row is that time.",
        ),
    ]


def assumptions() -> list[str]:
    quotas, setup = Quotas(), Setup()
    return [
        "## How, and what is assumed",
        "",
        *item(
            f"One payment stands for {SCALE:,}: rates, concurrency, quotas and buckets are divided",
            "by it, and tests show that the figures do not depend on it. Each payment, attempt,",
            "round and token is simulated on its own; arrivals are spread evenly along the curve.",
        ),
        *item(
            f"The day: {load.SWING * 100:.0f} % above the mean at {load.PEAK_HOUR:.0f}:00 and as",
            f"much below at 08:00, two bursts of {load.BURST_SECONDS // 60} minutes at",
            f"{load.BURST_TIMES:.0f} times the mean. An event comes one to ten minutes after its",
            f"payment. {load.UNKNOWN_SHARE * 100:.0f} % are unknown at first: nine in ten for",
            f"{load.BRIEF_SECONDS:.0f} s in the mean, one in ten for an hour.",
        ),
        *item(
            f"The gateway: {GATEWAY_RATE:,.0f} calls a second, a latency of 0.1 s (median,",
            "log-normal with sigma 0.5). Alipay+ publishes no rate.",
        ),
        *item(
            f"The event source begins with {quotas.pollers_first:.0f} batches at a time and adds",
            f"{quotas.pollers_per_minute:.0f} a minute while messages wait; it takes them away as",
            f"fast, which is not published. A message is taken at most {setup.notice:g} s after it",
            f"became visible; the effects of a batch take {setup.effects:g} s.",
        ),
        *item(
            "A throttled StartExecution or SendTaskSuccess brings its message back after the",
            "queue's 180 s; the client's own two quick repeats are left out. Throttled transitions",
            "are late, as AWS says.",
        ),
        *item("Not simulated: cold starts, a second stack in the account, the regions' outages."),
        "",
    ]
