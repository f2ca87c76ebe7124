"""docs/cost.md: what a million and a billion events a month cost, from one table of prices.

    python -m benchmarks.cost            # write the document
    python -m benchmarks.cost --print    # only show it

The number of attempts and of tracker rounds comes from the project's own decision code.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cancel_payment.decision import SlowRetry, decide
from cancel_payment.model import Evidence, Requeue, Result, Track
from cancel_payment.payment import CancelRequest, Payment
from cancel_payment.window import cutoff_of

from benchmarks.prices import AS_OF, PRICES
from benchmarks.prose import item, paragraph

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "cost.md"

MEMORY_GB: Final = 0.5
# Lambda gives one vCPU for 1,769 MB.
VCPU: Final = 512 / 1769
# Measured by `make bench` (benchmarks/RESULTS.md), rounded up.
CPU_PER_RECORD: Final = 0.0015
CPU_PER_RECORD_SDK: Final = 0.060
# One line per attempt, and one of metrics per batch with the platform's own two.
LOG_BYTES_PER_ATTEMPT: Final = 550
LOG_BYTES_PER_BATCH: Final = 1_800
# X-Ray records one request a second and 5 % of the rest.
TRACED: Final = 0.05
TRANSITIONS_PER_ROUND: Final = 3
# The start's first Decide, and the end's Decide and Resolved.
TRANSITIONS_BESIDE: Final = 2

FAST_SECONDS: Final = 20
SLOW_SECONDS: Final = 3600
PERSISTENT: Final = 0.1


@dataclass(frozen=True, slots=True)
class Case:
    """Traffic of a month, and how it is handled."""

    events: float = 1e6
    unknown: float = 0.01
    batch: int = 10
    latency: float = 0.1
    tracker_at_once: bool = False
    sdk_in_a_loop: bool = False


def schedule(unknown_for: float, *, tracker_at_once: bool = False) -> tuple[int, int]:
    """Attempts and tracker rounds of a payment that stays unknown for so many seconds.

    The project's own `decide`, with jitter in the middle of its range.
    """
    slow = SlowRetry(timedelta(seconds=60), timedelta(seconds=900))
    start = datetime(2026, 1, 4, 16, tzinfo=UTC)  # midnight in UTC+8: the longest window
    now, tracked, attempts, rounds = start, tracker_at_once, 1, 0
    unknown = Result("U", Evidence.SIGNED, "UNKNOWN_EXCEPTION")
    while (now - start).total_seconds() < unknown_for:
        request = CancelRequest(
            message_id="",
            receipt_handle="",
            body="",
            payment=Payment("1", None, start.isoformat()),
            attempt=attempts,
            first_attempt_at=start,
            cutoff_at=cutoff_of(start),
            task_token="token" if tracked else None,
        )
        match decide(request, unknown, now, slow, lambda least, most: (least + most) / 2):
            case Requeue(visible_at=then):
                now = then + timedelta(seconds=1)  # whole seconds of visibility, and polling
            case Track(next_attempt_at=then):
                tracked, now, rounds = True, then, rounds + 1
                if then >= request.cutoff_at:
                    break
        attempts += 1
    return attempts, rounds


def monthly(case: Case) -> dict[str, float]:
    """Dollars a month by item."""
    short = schedule(FAST_SECONDS, tracker_at_once=case.tracker_at_once)
    long = schedule(SLOW_SECONDS, tracker_at_once=case.tracker_at_once)
    unknown = case.events * case.unknown
    brief, lasting = unknown * (1 - PERSISTENT), unknown * PERSISTENT
    attempts = case.events - unknown + brief * short[0] + lasting * long[0]
    rounds = brief * short[1] + lasting * long[1]
    tracked = (brief if short[1] else 0) + lasting
    batches = attempts / case.batch
    cpu = CPU_PER_RECORD_SDK if case.sdk_in_a_loop else CPU_PER_RECORD
    waiting = case.latency * (case.batch if case.sdk_in_a_loop else 1)
    seconds = waiting + case.batch * cpu / VCPU
    requeued = max(attempts - case.events - rounds, 0)
    # In by the bus or the tracker; received, deleted and made visible again by the batch.
    sqs = case.events + rounds + 2 * batches + requeued / case.batch
    logs = attempts * LOG_BYTES_PER_ATTEMPT + batches * LOG_BYTES_PER_BATCH
    amounts = {
        "gb_second": batches * seconds * MEMORY_GB,
        "invocation": batches,
        "sqs": sqs,
        "event": case.events,
        "transition": rounds * TRANSITIONS_PER_ROUND + tracked * TRANSITIONS_BESIDE,
        "log_gb": logs / 1e9,
        "trace": batches * TRACED,
    }
    return {name: amount * PRICES[name].dollars for name, amount in amounts.items()}


def total(case: Case) -> float:
    return sum(monthly(case).values())


ITEMS: Final = {
    "outcome events": ("event",),
    "Lambda": ("gb_second", "invocation"),
    "SQS": ("sqs",),
    "Step Functions": ("transition",),
    "logs and traces": ("log_gb", "trace"),
}


def document() -> str:
    """The whole document, the same for the same prices and the same code."""
    base = Case()
    parts = [
        "# What it costs",
        "",
        *paragraph(
            "Written by `make cost` from the table of prices below; a test holds the two together.",
            f"US dollars a month, us-east-1 list prices as of {AS_OF}, before free tiers, volume",
            "tiers and fixed items (see the end).",
        ),
        *_by_unknown_rate(base),
        *_by_batch_and_latency(base),
        *_instead(base),
        *_prices(),
        *_assumptions(),
    ]
    return "\n".join(parts) + "\n"


def _by_unknown_rate(base: Case) -> list[str]:
    lines = [
        "## By the share of payments whose first answer is unknown",
        "",
        f"Batch of {base.batch}, gateway latency {base.latency * 1000:.0f} ms.",
        "",
        "| unknown | " + " | ".join(ITEMS) + " | a million events | a billion events |",
        "| --- |" + " ---: |" * (len(ITEMS) + 2),
    ]
    for rate in (0.001, 0.01, 0.05, 0.20):
        cost = monthly(replace(base, unknown=rate))
        items = [sum(cost[name] for name in names) for names in ITEMS.values()]
        cells = " | ".join(f"{one:.2f}" for one in [*items, sum(items)])
        lines.append(f"| {rate * 100:g} % | {cells} | {sum(items) * 1000:,.0f} |")
    return [
        *lines,
        "",
        *paragraph(
            "Dominant:",
            "; ".join(_dominant(base)) + ".",
            "The outcome events are the price of telling somebody, which no arrangement avoids;",
            "the",
            "tracker is paid for the tenth of the unknown payments that outlives the first minute.",
        ),
    ]


def _dominant(base: Case) -> list[str]:
    found = []
    for rate in (0.001, 0.01, 0.05, 0.20):
        cost = monthly(replace(base, unknown=rate))
        items = {item: sum(cost[name] for name in names) for item, names in ITEMS.items()}
        most = max(items, key=lambda item: items[item])
        share = items[most] / sum(items.values())
        found.append(f"at {rate * 100:g} % {most} ({share * 100:.0f} %)")
    return found


def _by_batch_and_latency(base: Case) -> list[str]:
    latencies = (0.05, 0.1, 0.5, 2.0)
    lines = [
        "## By batch size and gateway latency",
        "",
        *paragraph(
            "Lambda alone, a million events, 1 % unknown. The batch is what was waiting when a",
            "poller",
            "came: 1 at low traffic, 10 under load.",
        ),
        "| batch | " + " | ".join(f"{one * 1000:g} ms" for one in latencies) + " |",
        "| ---: |" + " ---: |" * len(latencies),
    ]
    for batch in (1, 5, 10):
        cells = []
        for latency in latencies:
            cost = monthly(replace(base, batch=batch, latency=latency))
            cells.append(f"{cost['gb_second'] + cost['invocation']:.2f}")
        lines.append(f"| {batch} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _instead(base: Case) -> list[str]:
    lines = [
        "## What else it could cost",
        "",
        "A million events.",
        "",
        "| unknown | as built | the official SDK in a loop | a tracker for every unknown |",
        "| --- | ---: | ---: | ---: |",
    ]
    for rate in (0.001, 0.01, 0.05, 0.20):
        case = replace(base, unknown=rate)
        costs = [total(one) for one in (case, replace(case, sdk_in_a_loop=True))]
        costs.append(total(replace(case, tracker_at_once=True)))
        lines.append(f"| {rate * 100:g} % | " + " | ".join(f"{one:.2f}" for one in costs) + " |")
    ours, loop = (monthly(replace(base, sdk_in_a_loop=one))["gb_second"] for one in (False, True))
    day = schedule(24 * 3600)
    dollars = day[1] * TRANSITIONS_PER_ROUND * PRICES["transition"].dollars
    return [
        *lines,
        "",
        *paragraph(
            f"The SDK's time in Lambda costs {loop / ours:.0f} times as much, because it waits for",
            "one record after the other and parses keys and connects anew for each.",
        ),
        *paragraph(
            f"A payment that stays unknown until its window closes costs at most {day[0]} attempts",
            f"and {day[1]} rounds: ${dollars:.4f} of transitions.",
        ),
    ]


def _prices() -> list[str]:
    lines = [
        "## Prices",
        "",
        "| unit | dollars | source | confirmed by a second source |",
        "| --- | ---: | --- | --- |",
    ]
    for price in PRICES.values():
        shown = f"{price.dollars:.10f}".rstrip("0").rstrip(".")
        lines.append(
            f"| {price.unit} | {shown} | {price.source} | {'yes' if price.confirmed else 'no'} |"
        )
    return [
        *lines,
        "",
        *paragraph(
            "AWS fills its price tables in by script, so none could be read at its source:",
            "check them",
            "before relying on the figures.",
        ),
    ]


def _assumptions() -> list[str]:
    brief, lasting = schedule(FAST_SECONDS), schedule(SLOW_SECONDS)
    return [
        "## Assumptions",
        "",
        *item(
            f"Of the unknown payments nine in ten resolve after {FAST_SECONDS} s ({brief[0]}",
            "attempts),",
            f"one in ten after an hour ({lasting[0]} attempts, {lasting[1]} tracker rounds of",
            f"{TRANSITIONS_PER_ROUND} transitions).",
        ),
        *item(
            f"{CPU_PER_RECORD * 1000:g} ms of processor time per record, the SDK",
            f"{CPU_PER_RECORD_SDK * 1000:g} ms (benchmarks/RESULTS.md), at 512 MB, which is",
            f"{VCPU:.2f} of a processor.",
        ),
        *item(
            f"{LOG_BYTES_PER_ATTEMPT} bytes of log per attempt and {LOG_BYTES_PER_BATCH:,} per",
            "batch;",
            f"{TRACED * 100:g} % of the batches traced.",
        ),
        *item(
            "Not counted: the event that comes in ($1.00 a million, paid by whoever publishes",
            "it), and",
            "what does not grow with traffic: the secret, ten custom metrics, the alarms and the",
            "dashboard, the pollers' empty receives.",
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=__doc__)
    parser.add_argument("--print", action="store_true", help="show it, write nothing")
    if parser.parse_args().print:
        print(document(), end="")
    else:
        DOCUMENT.write_text(document())


if __name__ == "__main__":
    main()
