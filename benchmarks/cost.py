"""docs/cost.md: what a million and a billion events a month cost, from one table of prices.

The number of attempts and of tracker rounds comes from the function's own decision code.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cancel_payment.alipay.answer import Evidence, Result
from cancel_payment.alipay.payment import Payment
from cancel_payment.decision import SlowRetry, decide
from cancel_payment.model import CancelRequest, Requeue, Track, Tracking
from cancel_payment.window import cutoff_of

from benchmarks.prices import AS_OF, PRICES
from benchmarks.prose import item, paragraph, table

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
# An outcome with its proof, as it stands on the bus; EventBridge counts it in pieces of 64 KB.
OUTCOME_BYTES: Final = 2_000
CHUNK_BYTES: Final = 64 * 1024
ANSWER_BYTES: Final = 64 * 1024
ARCHIVE_DAYS: Final = 400
# Beside each other in a batch, like the calls themselves.
SIGNATURE_SECONDS: Final = 0.01
TRANSITIONS_PER_ROUND: Final = 3
# The start's first Decide, and the end's Decide and Resolved.
TRANSITIONS_BESIDE: Final = 2

RATES: Final = (0.001, 0.01, 0.05, 0.20)
FAST_SECONDS: Final = 20
SLOW_SECONDS: Final = 3600
PERSISTENT: Final = 0.1
FOR_EVER: Final = math.inf


@dataclass(frozen=True, slots=True)
class Case:
    """Traffic of a month, and how it is handled."""

    events: float = 1e6
    unknown: float = 0.01
    batch: int = 10
    latency: float = 0.1
    tracker_at_once: bool = False
    sdk_in_a_loop: bool = False
    kms: bool = False
    archive: bool = False


def schedule(unknown_for: float, *, tracker_at_once: bool = False) -> tuple[int, int]:
    """Attempts and tracker rounds of a payment that stays unknown for so many seconds.

    By the function's own `decide`, with jitter in the middle of its range; one that is still
    unknown at the cutoff has its closing call among both.
    """
    slow = SlowRetry(timedelta(seconds=60), timedelta(seconds=900))
    start = datetime(2026, 1, 4, 16, tzinfo=UTC)  # midnight in UTC+8: the longest window
    now, attempts, rounds = start, 1, 0
    tracking = Tracking("token", 0, start) if tracker_at_once else None
    unknown = Result("U", Evidence.SIGNED, "UNKNOWN_EXCEPTION")
    while (now - start).total_seconds() < unknown_for:
        request = CancelRequest(
            message_id="",
            receipt_handle="",
            body="",
            payment=Payment("1", None, start.isoformat()),
            receives=1,
            attempt=attempts,
            first_attempt_at=start,
            cutoff_at=cutoff_of(start, start),
            tracking=tracking,
        )
        attempts += 1
        match decide(request, unknown, now, slow, lambda least, most: (least + most) / 2):
            case Requeue(visible_at=then):
                now = then + timedelta(seconds=1)  # whole seconds of visibility, and polling
            case Track(next_attempt_at=then):
                now, rounds, tracking = then, rounds + 1, Tracking("token", 0, start)
                if then >= request.cutoff_at:
                    break
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
    seconds = waiting + SIGNATURE_SECONDS * case.kms + case.batch * cpu / VCPU
    requeued = max(attempts - case.events - rounds, 0)
    archived = case.events * OUTCOME_BYTES / 1e9 * case.archive
    amounts = {
        "gb_second": batches * seconds * MEMORY_GB,
        "invocation": batches,
        # In by the bus or the tracker; received, deleted and made visible again by the batch.
        "sqs": case.events + rounds + 2 * batches + requeued / case.batch,
        "event": case.events * math.ceil(OUTCOME_BYTES / CHUNK_BYTES),
        "transition": rounds * TRANSITIONS_PER_ROUND + tracked * TRANSITIONS_BESIDE,
        "log_gb": (attempts * LOG_BYTES_PER_ATTEMPT + batches * LOG_BYTES_PER_BATCH) / 1e9,
        "trace": batches * TRACED,
        "signature": attempts * case.kms,
        "archived_gb": archived,
        # Once the first events reach their last day, so much lies there.
        "kept_gb": archived * ARCHIVE_DAYS / 30,
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


def _items(case: Case) -> dict[str, float]:
    cost = monthly(case)
    return {item: sum(cost[name] for name in names) for item, names in ITEMS.items()}


def document() -> str:
    """The whole document, the same for the same prices and the same code."""
    base = Case()
    return "\n".join(
        [
            "# What it costs",
            "",
            *paragraph(
                "Written by `make cost` from the table of prices below; a test holds the two",
                f"together. US dollars a month, us-east-1 list prices as of {AS_OF}, before free",
                "tiers, volume tiers and fixed items (see the end).",
            ),
            *_by_unknown_rate(base),
            *_options(base),
            *_by_batch_and_latency(base),
            *_instead(base),
            *_prices(),
            *_assumptions(),
        ]
    )


def _by_unknown_rate(base: Case) -> list[str]:
    def row(rate: float) -> list[str]:
        items = _items(replace(base, unknown=rate)).values()
        return [
            percent(rate),
            *map(_dollars, items),
            _dollars(sum(items)),
            f"{sum(items) * 1000:,.0f}",
        ]

    def dominant(rate: float) -> str:
        items = _items(replace(base, unknown=rate))
        most = max(items, key=lambda item: items[item])
        return f"at {percent(rate)} {most} ({items[most] / sum(items.values()) * 100:.0f} %)"

    return [
        "## By the share of payments whose first answer is unknown",
        "",
        *paragraph(f"Batch of {base.batch}, gateway latency {base.latency * 1000:.0f} ms."),
        *table(["unknown", *ITEMS, "a million events", "a billion events"], 7, map(row, RATES)),
        *paragraph(
            "Dominant:",
            "; ".join(map(dominant, RATES)) + ".",
            "The outcome events are the price of telling somebody, which no arrangement avoids;",
            "the tracker is paid for the tenth of the unknown payments that outlives the first",
            "minute.",
        ),
    ]


def _options(base: Case) -> list[str]:
    plain = total(base)
    options: dict[str, Case] = {
        "KMS signs (`SigningKeyArn`)": replace(base, kms=True),
        f"outcomes archived for {ARCHIVE_DAYS} days (`OutcomeArchiveDays`)": replace(
            base, archive=True
        ),
    }
    attempts, rounds = schedule(FOR_EVER)
    day = rounds * TRANSITIONS_PER_ROUND * PRICES["transition"].dollars
    closing = TRANSITIONS_PER_ROUND * PRICES["transition"].dollars
    return [
        "## What options and long unknowns add",
        "",
        *table(
            ["1 % unknown", "a million events", "more"],
            2,
            (
                [name, _dollars(total(case)), _dollars(total(case) - plain)]
                for name, case in {"as above": base, **options}.items()
            ),
        ),
        *item(
            "KMS charges every signature, that is every attempt, and is the dearest part of a",
            "payment once it signs; the key itself is $1 a month. Keys other than RSA with 2,048",
            "bits, which Alipay+ does not take, would cost five times as much.",
        ),
        *item(
            f"The proof makes an outcome {OUTCOME_BYTES:,} bytes long, in the mean: one piece of",
            f"64 KB, so it costs nothing more. An answer of {ANSWER_BYTES // 1024} KB, the longest",
            f"that is read, would make it {math.ceil(ANSWER_BYTES * 4 / 3 / CHUNK_BYTES)} pieces.",
        ),
        *item(
            "The archive's price is that of a month in its steady state, with",
            f"{ARCHIVE_DAYS} days of outcomes in it.",
        ),
        *item(
            f"A payment that stays unknown until its window closes costs at most {attempts}",
            f"attempts and {rounds} rounds, its closing call among them: ${day:.4f} of",
            f"transitions. The closing call alone is ${closing * 1e6:.0f} for a million payments",
            "that an outage leaves unknown at their cutoff.",
        ),
        "",
    ]


def _by_batch_and_latency(base: Case) -> list[str]:
    latencies = (0.05, 0.1, 0.5, 2.0)

    def row(batch: int) -> list[str]:
        cases = [replace(base, batch=batch, latency=latency) for latency in latencies]
        return [str(batch), *(_dollars(_items(one)["Lambda"]) for one in cases)]

    return [
        "## By batch size and gateway latency",
        "",
        *paragraph(
            "Lambda alone, a million events, 1 % unknown. The batch is what was waiting when a",
            "poller came: 1 at low traffic, 10 under load.",
        ),
        *table(["batch", *(f"{one * 1000:g} ms" for one in latencies)], 5, map(row, (1, 5, 10))),
    ]


def _instead(base: Case) -> list[str]:
    ways: tuple[Callable[[Case], Case], ...] = (
        lambda case: case,
        lambda case: replace(case, sdk_in_a_loop=True),
        lambda case: replace(case, tracker_at_once=True),
    )

    def row(rate: float) -> list[str]:
        return [percent(rate), *(_dollars(total(way(replace(base, unknown=rate)))) for way in ways)]

    ours, loop = (monthly(way(base))["gb_second"] for way in ways[:2])
    head = ["unknown", "as built", "the official SDK in a loop", "a tracker for every unknown"]
    return [
        "## What else it could cost",
        "",
        *paragraph("A million events."),
        *table(head, 3, map(row, RATES)),
        *paragraph(
            f"The SDK's time in Lambda costs {loop / ours:.0f} times as much, because it waits for",
            "one record after the other and parses keys and connects anew for each.",
        ),
    ]


def _prices() -> list[str]:
    return [
        "## Prices",
        "",
        *table(
            ["unit", "dollars", "source", "confirmed by a second source"],
            0,
            (
                [
                    price.unit,
                    f"{price.dollars:.10f}".rstrip("0").rstrip("."),
                    price.source,
                    "yes" if price.confirmed else "no",
                ]
                for price in PRICES.values()
            ),
        ),
        *paragraph(
            "AWS fills its price tables in by script, so none could be read at its source: check",
            "them before relying on the figures.",
        ),
    ]


def _assumptions() -> list[str]:
    brief, lasting = schedule(FAST_SECONDS), schedule(SLOW_SECONDS)
    return [
        "## Assumptions",
        "",
        *item(
            f"Of the unknown payments nine in ten resolve after {FAST_SECONDS} s ({brief[0]}",
            f"attempts), one in ten after an hour ({lasting[0]} attempts, {lasting[1]} tracker",
            f"rounds of {TRANSITIONS_PER_ROUND} transitions).",
        ),
        *item(
            f"{CPU_PER_RECORD * 1000:g} ms of processor time per record, the SDK",
            f"{CPU_PER_RECORD_SDK * 1000:g} ms (benchmarks/RESULTS.md), at 512 MB, which is",
            f"{VCPU:.2f} of a processor; {SIGNATURE_SECONDS * 1000:g} ms for a signature by KMS.",
        ),
        *item(
            f"{LOG_BYTES_PER_ATTEMPT} bytes of log per attempt and {LOG_BYTES_PER_BATCH:,} per",
            f"batch; {TRACED * 100:g} % of the batches traced.",
        ),
        *item(
            "Not counted: the event that comes in ($1.00 a million, paid by whoever publishes",
            "it), and what does not grow with traffic: the secret, the custom metrics, the alarms",
            "and the dashboard, the pollers' empty receives.",
        ),
        "",
    ]


def percent(rate: float) -> str:
    return f"{rate * 100:g} %"


def _dollars(amount: float) -> str:
    return f"{amount:.2f}"


if __name__ == "__main__":
    DOCUMENT.write_text(document())
