"""docs/cost.md: what a million and a billion events a month cost, from one table of prices.

The number of attempts and of tracker rounds comes from the function's own decision code.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from cancel_payment.alipay.payment import Payment
from cancel_payment.alipay.result import Evidence, Result
from cancel_payment.decision import SlowRetry, decide
from cancel_payment.model import CancelRequest, Requeue, Track, Tracking
from cancel_payment.window import cutoff_of

from benchmarks.pages import render
from benchmarks.prices import AS_OF, PRICES

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
LATENCIES: Final = (0.05, 0.1, 0.5, 2.0)
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
        "event": case.events * _pieces(OUTCOME_BYTES),
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


def items(case: Case) -> dict[str, float]:
    cost = monthly(case)
    return {item: sum(cost[name] for name in names) for item, names in ITEMS.items()}


def document() -> str:
    """The whole document, the same for the same prices and the same code."""
    base = Case()
    ours, loop = (monthly(replace(base, sdk_in_a_loop=one))["gb_second"] for one in (False, True))
    return render(
        "cost.md.j2",
        as_of=AS_OF,
        base=base,
        case=partial(replace, base),
        items=items,
        total=total,
        pieces=_pieces,
        rates=RATES,
        latencies=LATENCIES,
        day=schedule(FOR_EVER),
        brief=schedule(FAST_SECONDS),
        lasting=schedule(SLOW_SECONDS),
        round_dollars=TRANSITIONS_PER_ROUND * PRICES["transition"].dollars,
        sdk_times=loop / ours,
        prices=PRICES.values(),
        cost=sys.modules[__name__],
    )


def _pieces(size: float) -> int:
    return math.ceil(size / CHUNK_BYTES)


if __name__ == "__main__":
    DOCUMENT.write_text(document())
