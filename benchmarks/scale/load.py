"""Payments over the day: a daily curve, bursts, and how long each stays unknown.

Arrivals are spread evenly along the curve instead of by chance: the chance of hundreds of arrivals
a second is a few percent, that of a sample of them would be much more.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cancel_payment.window import cutoff_of

EVENTS_A_MONTH = 1e9
MEAN = EVENTS_A_MONTH / (30 * 86400)
# The evening's peak over the mean, and the early morning's trough below it.
SWING, PEAK_HOUR = 0.6, 20.0
BURSTS, BURST_SECONDS, BURST_TIMES = (12.5, 19.5), 600, 4.0
UNKNOWN_SHARE, LASTING_SHARE = 0.01, 0.1
BRIEF_SECONDS, LASTING_SECONDS = 20.0, 3600.0
# From a payment's initiation to its event.
EXPIRES_AFTER = (60.0, 600.0)
_STEP = 10.0
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(slots=True)
class Payment:
    """One payment, and what has happened to it; moments in seconds since the start.

    Attributes
    ----------
    unknown_for, unknown_times
        The gateway knows nothing of it for so long after the first attempt, and so many times.
    sends
        When it was asked for.
    outcome, ended_at
        Its last outcome event; one that follows UNRESOLVED supersedes it.
    reported
        An UNRESOLVED was published, whatever followed.
    execution
        Its latest tracker.
    """

    arrives: float
    cutoff: float
    unknown_for: float = 0.0
    unknown_times: int = 0
    sends: list[float] = field(default_factory=list)
    outcome: str = ""
    ended_at: float = 0.0
    reported: bool = False
    execution: Any = None

    def end(self, outcome: str, at: float) -> None:
        """Publish an outcome, as a consumer that follows the contract's order takes it."""
        self.reported = self.reported or outcome == "UNRESOLVED"
        if self.outcome in ("", "UNRESOLVED"):
            self.outcome, self.ended_at = outcome, at

    @property
    def in_time(self) -> bool:
        return self.outcome == "CANCELLED" and self.ended_at < self.cutoff


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
    chance = random.Random(f"{seed}/load")
    first = start.hour + start.minute / 60
    due, number = _GOLDEN, 0
    for step in range(int(seconds / _STEP)):
        begins = step * _STEP
        more = per_second(first + begins / 3600) * _STEP / scale
        while due < more:
            at = begins + _STEP * due / more
            arrives = start + timedelta(seconds=at)
            created = arrives - timedelta(seconds=chance.uniform(*EXPIRES_AFTER))
            cutoff = (cutoff_of(created, arrives) - start).total_seconds()
            yield Payment(at, cutoff, _unknown_for(number * _GOLDEN % 1, chance))
            number, due = number + 1, due + 1
        due -= more


def _unknown_for(place: float, chance: random.Random) -> float:
    """`place` is spread evenly over 0 to 1, so that each sample has its share of the unknown."""
    if place >= UNKNOWN_SHARE:
        return 0.0
    lasting = place < UNKNOWN_SHARE * LASTING_SHARE
    return chance.expovariate(1 / (LASTING_SECONDS if lasting else BRIEF_SECONDS))
