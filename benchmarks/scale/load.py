"""Payments and their events over the day: a daily curve, bursts, and how long each stays unknown.

Arrivals are spread evenly along the curve instead of by chance: the chance of hundreds of arrivals
a second is a few percent, that of a sample of them would be much more.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cancel_payment.window import cutoff_of

from benchmarks.scale.gateway import UNKNOWN, Story

EVENTS_A_MONTH = 1e9
MEAN = EVENTS_A_MONTH / (30 * 86400)
# The evening's peak over the mean, and the early morning's trough below it.
SWING = 0.6
PEAK_HOUR = 20.0
BURSTS = (12.5, 19.5)
BURST_SECONDS = 600
BURST_TIMES = 4.0
UNKNOWN_SHARE = 0.01
LASTING = 0.1
BRIEF_SECONDS, LASTING_SECONDS = 20.0, 3600.0
# From a payment's initiation to its event.
EXPIRES_AFTER = (60.0, 600.0)
_STEP = 10.0
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(slots=True)
class Payment:
    """One payment, and what has happened to it; moments in seconds since the start."""

    arrives: float
    cutoff: float
    story: Story
    attempts: list[float] = field(default_factory=list)
    rounds: int = 0
    tracked: bool = False
    ended: str = ""
    ended_at: float = 0.0


def rate(hour: float) -> float:
    """Events a second at that hour of the day in UTC+8, the day's mean being `MEAN`."""
    plain = 1 + SWING * math.cos((hour % 24 - PEAK_HOUR) / 24 * 2 * math.pi)
    bursting = any(0 <= (hour % 24 - at) * 3600 < BURST_SECONDS for at in BURSTS)
    share = len(BURSTS) * BURST_SECONDS / 86400
    return MEAN / (1 + share * (BURST_TIMES - 1)) * (plain + (BURST_TIMES - 1) * bursting)


def payments(
    start: datetime,
    seconds: float,
    scale: float,
    seed: int,
    per_second: Callable[[float], float] = rate,
) -> Iterator[Payment]:
    """Payments in the order of their events.

    Parameters
    ----------
    start
        With the offset UTC+8, whose hour counts.
    per_second
        Events a second by the hour of the day.
    """
    dice = random.Random(f"{seed}/load")
    first = start.hour + start.minute / 60
    due = _GOLDEN
    number = 0
    for step in range(int(seconds / _STEP)):
        begins = step * _STEP
        more = per_second(first + begins / 3600) * _STEP / scale
        while due < more:
            at = begins + _STEP * due / more
            created = at - dice.uniform(*EXPIRES_AFTER)
            cutoff = (cutoff_of(start + timedelta(seconds=created)) - start).total_seconds()
            yield Payment(at, cutoff, _story(number * _GOLDEN % 1, dice))
            number += 1
            due += 1
        due -= more


def _story(place: float, dice: random.Random) -> Story:
    """`place` is spread evenly over 0 to 1, so that each sample has its share of the unknown."""
    if place >= UNKNOWN_SHARE:
        return Story()
    mean = LASTING_SECONDS if place < UNKNOWN_SHARE * LASTING else BRIEF_SECONDS
    return Story(meanwhile=UNKNOWN, seconds=dice.expovariate(1 / mean))
