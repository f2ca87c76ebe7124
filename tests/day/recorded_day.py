"""The payments of the day, and what is left of it when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.support.stack import World

ALL_DAY = "UNKNOWN-all-day"
RECOVERS = "THROTTLED-1-and-back-at-20-00"
LATE = "UNKNOWN-from-23-50"
# When each is initiated, and what the picture calls it.
PAYMENTS = {
    ALL_DAY: (timedelta(0), "unknown all day"),
    RECOVERS: (timedelta(0), "throttled, gateway back at 20:00"),
    LATE: (timedelta(hours=23, minutes=50), "initiated at 23:50"),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt as the stand-in saw it; all times in seconds.

    Attributes
    ----------
    gap
        From the end of the attempt before to this one's send; 0 for the first.
    age
        From the first attempt to the end of the attempt before, when this one was decided on.
    left
        Until the cutoff.
    """

    sent_at: datetime
    gap: float
    age: float
    left: float
    status: str


@dataclass(frozen=True)
class RecordedDay:
    """One day, from `midnight` in UTC+8; `ended_at` is how far the clock has gone."""

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
        return self.midnight + PAYMENTS[scenario][0]

    def attempts(self, scenario: str) -> list[Attempt]:
        sends = self.world.sends(scenario)
        began = [datetime.fromisoformat(one["receivedAt"]) for one in sends]
        decided = [*began[:1], *(datetime.fromisoformat(one["endedAt"]) for one in sends[:-1])]
        return [
            Attempt(
                sent_at=sent_at,
                gap=(sent_at - before).total_seconds(),
                age=(before - began[0]).total_seconds(),
                left=(self.cutoff - sent_at).total_seconds(),
                status=one["resultStatus"],
            )
            for one, sent_at, before in zip(sends, began, decided, strict=True)
        ]
