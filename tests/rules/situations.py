"""The situations in which an answer can find a payment, and what follows from an unknown in each.

By hand from design.md, "Decision". All numbers are seconds. ``left`` is the time until the cutoff
when the attempt ends, ``age`` the time since the first attempt.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Requeue:
    """Visible again after this long. Whole seconds, since SQS knows no others."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Tracker:
    """The tracker's next attempt lies this far from now."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Closed:
    """The tracker hears ``nextAttemptAt`` = ``cutoffAt``: no further attempt."""


type Next = Requeue | Tracker | Closed


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a payment stands when an answer arrives."""

    name: str
    age: float
    left: float
    unknown: Next
    throttled: Next
    receives: int = 1
    tracked_attempts: int | None = None
    sent: bool = True

    @property
    def attempt(self) -> int:
        """ "Attempts = ApproximateReceiveCount, plus tracking.attempts.\""""
        return self.receives + (self.tracked_attempts or 0)

    def __str__(self) -> str:
        return self.name


HOUR = 3600.0
FAR = 12 * HOUR

# "re-queue: visible again 5 to 10 s after this attempt ... aim at the lower part": up to 7.5 s,
# which whole seconds make 8.
FAST = Requeue(5, 8)
# "d = the time since firstAttemptAt, held between 60 and 900; uniform in [d/2, d]": the least d.
SLOWEST_START = Tracker(30, 60)
CLOSED = Closed()

UNTRACKED = [
    # "First 60 s counts from the first attempt". Throttled "ends the fast phase at once".
    Situation("the first attempt", 0, FAR, FAST, SLOWEST_START),
    Situation("the third attempt, at 20 s", 20, FAR, FAST, SLOWEST_START, receives=3),
    Situation("the last millisecond of 60 s", 59.999, FAR, FAST, SLOWEST_START, receives=9),
    Situation("60 s to the millisecond", 60, FAR, SLOWEST_START, SLOWEST_START, receives=9),
    Situation("later, at 75 s", 75, FAR, Tracker(37.5, 75), Tracker(37.5, 75), receives=10),
    Situation("later, at 240 s", 240, FAR, Tracker(120, 240), Tracker(120, 240), receives=11),
    Situation("after an hour of faults", HOUR, FAR, Tracker(450, 900), Tracker(450, 900), 30),
    # Near the cutoff: only if a moment is both 5 s from now and 30 s before the cutoff.
    Situation("first 60 s, 41 s left", 10, 41, FAST, Tracker(11, 11), receives=2),
    # Room of 6 s. Slow: "a delay that would pass that moment is cut to it".
    Situation("first 60 s, 36 s left", 0, 36, Requeue(5, 6), Tracker(6, 6)),
    Situation("first 60 s, 35 s left", 0, 35, Requeue(5, 5), Tracker(5, 5)),
    Situation("first 60 s, a millisecond short of 35 s", 0, 34.999, CLOSED, Tracker(4.999, 4.999)),
    Situation("first 60 s, 30 s left", 10, 30, CLOSED, CLOSED, receives=2),
    Situation("first 60 s, 20 s left", 10, 20, CLOSED, CLOSED, receives=2),
    Situation("later, 40 s left", 75, 40, Tracker(10, 10), Tracker(10, 10), receives=10),
    Situation("later, 30 s left", 75, 30, CLOSED, CLOSED, receives=10),
    Situation("later, 10 s left", 75, 10, CLOSED, CLOSED, receives=10),
    Situation("later, a millisecond left", 75, 0.001, CLOSED, CLOSED, receives=10),
    # "The very first attempt of an event is always made, however late"; "any later one at or after
    # the cutoff is not sent: untracked it is handed to the tracker".
    Situation("the first attempt, at the cutoff", 0, 0, CLOSED, CLOSED),
    Situation("the second attempt, at the cutoff", 10, 0, CLOSED, CLOSED, 2, sent=False),
    Situation("the first attempt, after the cutoff", 0, -HOUR, CLOSED, CLOSED),
    Situation("the second attempt, after the cutoff", 10, -HOUR, CLOSED, CLOSED, 2, sent=False),
    Situation("later, after the cutoff", 75, -5, CLOSED, CLOSED, 10, sent=False),
]

TRACKED = [
    # Tracked: always "tell the tracker RETRY", in the first 60 s too (after a throttled start).
    Situation("tracked, at 31 s", 31, FAR, SLOWEST_START, SLOWEST_START, 1, 1),
    Situation("tracked, at 600 s", 600, FAR, Tracker(300, 600), Tracker(300, 600), 1, 13),
    Situation("tracked, at 11 hours", 11 * HOUR, FAR, Tracker(450, 900), Tracker(450, 900), 2, 70),
    Situation("tracked, 40 s left", HOUR, 40, Tracker(10, 10), Tracker(10, 10), 1, 20),
    Situation("tracked, 30 s left", HOUR, 30, CLOSED, CLOSED, 1, 20),
    Situation("tracked, 10 s left", HOUR, 10, CLOSED, CLOSED, 1, 20),
    Situation("tracked, a millisecond left", HOUR, 0.001, CLOSED, CLOSED, 1, 20),
    # "tracked it is told RETRY with nextAttemptAt = cutoffAt"
    Situation("tracked, at the cutoff", HOUR, 0, CLOSED, CLOSED, 1, 20, sent=False),
    Situation("tracked, after the cutoff", HOUR, -60, CLOSED, CLOSED, 1, 20, sent=False),
]

SITUATIONS = UNTRACKED + TRACKED
