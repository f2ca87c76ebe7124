"""What happens when, in seconds since the start; and the account's request quotas."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any


class Agenda:
    """The clock of a run, which jumps to the next event."""

    def __init__(self, start: datetime) -> None:
        self.now = 0.0
        self._start = start.astimezone(UTC)
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = count()

    def at(self, moment: float, act: Callable[..., None], *arguments: Any) -> None:
        """Let it happen then, or now if that is past."""
        event = (max(moment, self.now), next(self._order), act, arguments)
        heapq.heappush(self._events, event)

    def run(self, until: float) -> None:
        """Until nothing is left to happen, or until that second."""
        while self._events and self._events[0][0] <= until:
            self.now, _, act, arguments = heapq.heappop(self._events)
            act(*arguments)

    def moment(self, seconds: float) -> datetime:
        return self._start + timedelta(seconds=seconds)

    def seconds(self, moment: datetime) -> float:
        return (moment - self._start).total_seconds()


# Calls of a run that come at one moment by chance, where those that they stand for would be spread.
_GRAIN = 5.0


class Bucket:
    """A request quota: refills steadily and never holds more than its size.

    Parameters
    ----------
    size, refill
        Full-size: tokens, and tokens a second.
    scale
        How many calls one call of the run stands for.
    """

    def __init__(self, size: float, refill: float, scale: float) -> None:
        self._size, self._refill = size / scale + _GRAIN, refill / scale
        self._tokens, self._at = self._size, 0.0

    def take(self, now: float) -> bool:
        """Whether the call goes through; a throttled one costs nothing."""
        self._fill(now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def delay(self, now: float, number: float) -> float:
        """Seconds by which that many are late, where they wait instead of failing."""
        self._fill(now)
        self._tokens -= number
        return max(0.0, -self._tokens / self._refill)

    def _fill(self, now: float) -> None:
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._refill)
        self._at = now
