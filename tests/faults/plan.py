"""What a run does and when: payments, messages, outages, all from the seed. Pure."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.faults.evidence import (
    CANCELLED,
    FAILED,
    REFUND_REQUIRED,
    REJECTED,
    UNRESOLVED,
    Payment,
)

GATEWAY_TIMEOUT_SECONDS = 2
VISIBILITY_SECONDS = 40
"""Of the queue in these runs, instead of 180 s: longer than the function's 30 s, so that no batch
comes back while it is still worked on, and short enough for a run of minutes."""
EVENTS_A_SECOND = 8.0

_F_CODES = [
    *("PROCESS_FAIL", "ACCESS_DENIED", "INVALID_CLIENT", "KEY_NOT_FOUND", "INVALID_SIGNATURE"),
    *("MEDIA_TYPE_NOT_ACCEPTABLE", "METHOD_NOT_SUPPORTED", "NO_INTERFACE_DEF", "PARAM_ILLEGAL"),
]
_UNPROVEN = [
    *("UNSIGNED", "FORGED_REFUND", "FORGED_SUCCESS", "WRONGLY_SIGNED", "OTHER_CLIENT", "GARBAGE"),
    *("EMPTY", "BAD_RESULT", "WRONG_TYPES", "ODD_STATUS", "TOO_LARGE", "ENDLESS", "HUGE_HEADERS"),
    *("COMPRESSED", "HTTP_404", "HTTP_500", "HTTP_503", "REDIRECT"),
]
_BROKEN = ["NO_ANSWER", "DROPS", "RESETS", "TRUNCATED", "DRIP", "DRIP_HEADERS"]
_UNREADABLE = [
    '{{"paymentRequestId": "{id}"}}',
    '{{"paymentRequestId": "{id}", "paymentCreateTime": "yesterday"}}',
    '{{"paymentRequestId": "{id}", "paymentCreateTime": "9999-12-31T12:00:00+08:00"}}',
    '{{"paymentRequestId": "{id}", "paymentCreateTime": "{now}", "tracking": {{}}}}',
    '{{"paymentRequestId": "{id}{long}", "paymentCreateTime": "{now}"}}',
    '["{id}"]',
    "{id} is no JSON",
]

# How many of a thousand payments take which scenario; what is left succeeds.
_SHARES: list[tuple[int, Callable[[random.Random], str], str]] = [
    (120, lambda rng: f"UNKNOWN-{rng.randint(1, 4)}", CANCELLED),
    (90, lambda rng: f"{rng.choice(_UNPROVEN)}-{rng.randint(1, 2)}", CANCELLED),
    (60, lambda rng: f"{rng.choice(_BROKEN)}-1", CANCELLED),
    (80, lambda rng: f"THROTTLED-{rng.randint(1, 2)}", CANCELLED),
    (20, lambda rng: "SLOW-1", CANCELLED),
    (100, lambda rng: f"FAILS-{rng.choice(_F_CODES)}", FAILED),
    (20, lambda rng: rng.choice(["SIGNED_400", "ODD_CODE"]), FAILED),
    (60, lambda rng: "FAILS-CANCEL_WINDOW_EXCEED", REFUND_REQUIRED),
    (40, lambda rng: "CLOSED", REFUND_REQUIRED),
    (60, lambda rng: "UNKNOWN", UNRESOLVED),
    (30, lambda rng: "UNREADABLE", REJECTED),
]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the suite does at a moment of the run (seconds from its beginning)."""

    at: float
    payment: Payment | None = None
    mode: str = ""
    """Of the stand-in, `cut` for the line to it, or `normal`, which ends either."""


@dataclass(frozen=True)
class Plan:
    payments: list[Payment]
    steps: list[Step]


def plan(seed: int, number: int, *, outages: bool) -> Plan:
    """Everything that a run of that seed does.

    Parameters
    ----------
    outages
        Whether the gateway fails as a whole now and then.
    """
    rng = random.Random(f"{seed}/plan")
    now = datetime.now(UTC)
    payments = [_payment(rng, seed, index, now) for index in range(number)]
    steps: list[Step] = []
    for payment in payments:
        at = rng.uniform(0, number / EVENTS_A_SECOND)
        steps.append(Step(at, payment))
        # Some again: at once, while it is in hand, or after it has ended.
        # A second event for a window that has closed may meet an outage, and end otherwise.
        again = {(UNRESOLVED,): 0.5, (REFUND_REQUIRED, UNRESOLVED): 0.0}.get(payment.ends, 0.12)
        while rng.random() < again:
            steps.append(Step(at + rng.choice([0, 5, 30, 75]) * rng.random(), payment))
            again = 0.3
        if payment.ends == (UNRESOLVED,) and rng.random() < 0.5:
            steps.append(Step(at + 20 + 60 * rng.random(), payment))
    if outages:
        steps += _outages(rng, number / EVENTS_A_SECOND)
    return Plan(payments, sorted(steps, key=lambda one: one.at))


def _payment(rng: random.Random, seed: int, index: int, now: datetime) -> Payment:
    point, scenario, ends = rng.randrange(1000), "SUCCEEDS", CANCELLED
    for share, make, how in _SHARES:
        if point < share:
            scenario, ends = make(rng), how
            break
        point -= share
    name = f"{scenario}-s{seed}x{index}"
    long_ago = scenario == "CLOSED" or ends == UNRESOLVED
    created = (now - timedelta(days=3) if long_ago else now).isoformat(timespec="seconds")
    if ends == REJECTED:
        fields = {"id": name, "now": created, "long": "x" * 60}
        return Payment(name, created, (ends,), rng.choice(_UNREADABLE).format(**fields))
    ids = {"paymentRequestId": name}
    if rng.random() < 0.4:
        ids["paymentId"] = f"2099{seed:06}{index:08}"
    # Where the window has closed, an outage at the first attempt leaves it unresolved.
    may_end = (ends, UNRESOLVED) if scenario == "CLOSED" else (ends,)
    return Payment(name, created, may_end, json.dumps(ids | {"paymentCreateTime": created}))


def _outages(rng: random.Random, loaded_at: float) -> list[Step]:
    """One outage longer than the fast minute, and the others in any order, none over another."""
    share = loaded_at / 250
    slots = [(mode, 9 * share) for mode in ("no_answer", "slow", "drops", "http_500", "unsigned")]
    slots.append(("cut", 8 * share))
    slots.append((rng.choice(["unknown", "http_500"]), max(66.0 * share, 20.0)))
    rng.shuffle(slots)
    pause = (loaded_at - sum(length for _, length in slots)) / (len(slots) + 1)
    steps, at = [], pause
    for mode, length in slots:
        steps += [Step(at, mode=mode), Step(at + length, mode="normal")]
        at += length + pause
    return steps
