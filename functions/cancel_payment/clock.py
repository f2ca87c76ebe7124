"""The time, passed in wherever it decides anything."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Protocol

UTC_PLUS_8: Final = timezone(timedelta(hours=8))
"""The zone in which Alipay+ counts its days, and in which our calls are timed."""


type Jitter = Callable[[timedelta, timedelta], timedelta]
"""A uniformly chosen duration between the two."""


def uniform(least: timedelta, most: timedelta) -> timedelta:
    """Jitter as it is outside of tests."""
    return least + (most - least) * random.random()


class Clock(Protocol):
    """Two clocks: one tells the time of day, the other measures durations."""

    def now(self) -> datetime:
        """The time of day, with an offset."""

    def monotonic(self) -> float:
        """Seconds since some moment; never set back, and stands still in a frozen environment."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Deadline:
    """A moment by which something has to be done, fixed when it is made.

    Parameters
    ----------
    seconds
        From now on; what is not above 0 has passed already.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._ends_at = clock.monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left; 0 once it has passed or was cancelled."""
        return max(0.0, self._ends_at - self._clock.monotonic())

    def cancel(self) -> None:
        """Passed for good: whoever still works for it begins nothing more."""
        self._ends_at = float("-inf")
