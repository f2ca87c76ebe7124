"""The payments of the day, and what is left of it when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.day.payments import Attempt, attempts
from tests.stack.world import World

ALL_DAY = "UNKNOWN-all-day"
RECOVERS = "THROTTLED-1-and-back-at-20-00"
LATE = "UNKNOWN-from-23-50"

_INITIATED = {
    ALL_DAY: timedelta(0),
    RECOVERS: timedelta(0),
    LATE: timedelta(hours=23, minutes=50),
}


@dataclass(frozen=True)
class RecordedDay:
    """One day.

    Attributes
    ----------
    midnight
        Its beginning, in UTC+8.
    ended_at
        How far the clock has gone.
    """

    world: World
    midnight: datetime
    ended_at: datetime

    @property
    def recovery(self) -> datetime:
        return self.midnight + timedelta(hours=20)

    @property
    def cutoff(self) -> datetime:
        """The one of all three payments."""
        return self.midnight + timedelta(days=1, minutes=15)

    def initiated(self, scenario: str) -> datetime:
        return self.midnight + _INITIATED[scenario]

    def attempts(self, scenario: str) -> list[Attempt]:
        return attempts(self.world.sends(scenario), self.cutoff)
