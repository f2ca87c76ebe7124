"""What happens when: events in the order of their moments, seconds since the start."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any


class Agenda:
    """The clock of a run, which leaps to the next event."""

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
