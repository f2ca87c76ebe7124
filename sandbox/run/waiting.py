"""In words: how a payment ended and why, or what it waits for next.

Pure: from what was seen of the payment and the present moment.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from sandbox.run.attempt import Attempt, attempts
from sandbox.run.progress import Progress, Tracker

OPEN = "OPEN"
DEAD_LETTER = "DEAD_LETTER"
_SOON_SECONDS = 100


@dataclass(frozen=True, slots=True)
class State:
    """Where a payment is: its outcome, as `outcome` tells it, and that in words."""

    outcome: str
    words: str

    @property
    def open(self) -> bool:
        return self.outcome == OPEN


def state(progress: Progress, now: datetime, timeout_seconds: float) -> State:
    """Say where a payment is.

    Parameters
    ----------
    timeout_seconds
        How long the function waits for the gateway.
    """
    found = outcome(progress)
    if found == OPEN:
        return State(found, _next(progress, attempts(progress), now, timeout_seconds))
    if found == DEAD_LETTER:
        return State(found, f"dead letter: {reason(progress)}")
    return State(found, _ended(found, progress))


def outcome(progress: Progress) -> str:
    """The outcome of its last event, `DEAD_LETTER`, or `OPEN` while nothing is final."""
    if progress.outcomes:
        return str(progress.details[-1]["outcome"])
    return DEAD_LETTER if progress.dead_letters else OPEN


def reason(progress: Progress) -> str:
    """Say on what the end of a payment rests; empty while it is open."""
    for letter in progress.dead_letters:
        if not progress.outcomes:
            return str(letter["attributes"].get("rejectReason", "no reason given"))
    if not progress.outcomes:
        return ""
    detail = progress.details[-1]
    if detail["outcome"] == "UNRESOLVED":
        return "no final answer before the window closed"
    return f"{detail.get('resultStatus', '')} {detail.get('resultCode', '')}".strip()


def _ended(found: str, progress: Progress) -> str:
    words = found.lower().replace("_", " ")
    if found == "FAILED":
        words += f": {progress.details[-1].get('resultCode', '')}"
    return f"{words} + dead letter" if progress.dead_letters else words


def _next(progress: Progress, made: list[Attempt], now: datetime, timeout_seconds: float) -> str:
    if not made:
        return "on the queue"
    last = made[-1]
    if last.ended is None:
        passed = (now - last.began).total_seconds()
        return f"gateway has it, {max(0, passed):.0f} of {timeout_seconds:.0f} s"
    if progress.tracker:
        return _of_the_tracker(progress.tracker, now)
    if last.note is None:
        return "answered, batch not done"
    if last.note["next"] == "RE_QUEUE":
        return (
            _at("visible again", last.note["nextAttemptAt"], now) or "visible again, to be polled"
        )
    if last.note["next"] == "TRACKER":
        return "handed to the tracker"
    return "outcome event to come"


def _of_the_tracker(tracker: Tracker, now: datetime) -> str:
    where = tracker.steps[-1]["state"] if tracker.steps else ""
    if where == "WaitForNextAttempt" and tracker.next_attempt_at:
        soon = _at("tracker asks", tracker.next_attempt_at, now)
        return soon or "tracker asks now"
    if where == "WaitForClosingCall":
        return "window closed, asked once more"
    if where == "RequestAttempt":
        return "tracker's request queued"
    if where == "ReportUnresolved":
        return "window closed, to be reported"
    if tracker.status == "RUNNING":
        return "tracker decides"
    return "tracker ended; event to come"


def _at(what: str, moment: str, now: datetime) -> str:
    at = datetime.fromisoformat(moment)
    left = (at - now).total_seconds()
    if left <= 0:
        return ""
    if left < _SOON_SECONDS:
        return f"{what} in {math.ceil(left)} s"
    return f"{what} at {at.astimezone():%H:%M:%S}"
