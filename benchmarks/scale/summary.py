"""A run in a few figures, full size; a dictionary of them can be kept in a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.scale.figures import WINDOW
from benchmarks.scale.load import MEAN, Payment
from benchmarks.scale.poller import BACKLOG_SECONDS
from benchmarks.scale.scenarios import CUTOFF, HOUR, SCENARIOS, START
from benchmarks.scale.simulation import Simulation

CALLS = (
    "calls",
    "SendMessage",
    "ChangeMessageVisibilityBatch",
    "PutEvents",
    "StartExecution",
    "SendTask",
    "StateTransition",
)
# Events from here to the cutoff have the least time left.
_LATE = CUTOFF - HOUR / 2
_MIDNIGHT = CUTOFF - HOUR / 4


@dataclass(frozen=True, slots=True)
class Summary:
    """One run.

    Attributes
    ----------
    in_time, refund, unresolved
        Of the payments whose window closes in that night: shares.
    late_asked, late_in_time
        Of those whose event comes in the last half hour of the window: asked at all, and
        cancelled, before it closed.
    to_others
        Share of the calls of the last quarter of an hour that went to payments with a day left.
    oldest, drained
        Minutes; `drained` until less than two minutes of mean traffic wait.
    concurrency
        Invocations at a time.
    hits
        Limits met, each with the clock time of the first time, in that order.
    """

    in_time: float
    refund: float
    unresolved: float
    late_asked: float
    late_in_time: float
    to_others: float
    visible: float
    in_flight: float
    oldest: float
    executions: float
    drained: float
    concurrency: float
    doubled: float
    most_attempts: int
    dead: int
    peaks: dict[str, float]
    hits: list[tuple[str, str]]


def summary(scenario: str, run: Simulation) -> Summary:
    figures, samples = run.figures, run.figures.samples
    tonight = [one for one in run.payments if abs(one.cutoff - CUTOFF) < 1]
    ends = Counter(_end(one) for one in tonight)
    late = [one for one in tonight if one.arrives >= _LATE]
    last = [one for one in run.payments for at in one.attempts if _MIDNIGHT <= at < CUTOFF]
    return Summary(
        in_time=ends["in time"] / len(tonight),
        refund=ends["REFUND_REQUIRED"] / len(tonight),
        unresolved=ends["UNRESOLVED"] / len(tonight),
        late_asked=sum(bool(one.attempts) and one.attempts[0] < CUTOFF for one in late) / len(late),
        late_in_time=sum(_end(one) == "in time" for one in late) / len(late),
        to_others=sum(one.cutoff > CUTOFF + 1 for one in last) / max(1, len(last)),
        visible=max(one.visible for one in samples),
        in_flight=max(one.in_flight for one in samples),
        oldest=max(one.oldest for one in samples) / 60,
        executions=max(one.executions for one in samples),
        drained=_drained(scenario, run),
        # An invocation counts where it begins: a window may seem to hold more than there can be.
        concurrency=min(figures.peak("busy"), run.setup.concurrency),
        doubled=run.tracker.doubled * run.setup.scale,
        most_attempts=max(len(one.attempts) for one in run.payments),
        dead=len(run.queue.dead),
        peaks={name: figures.peak(name) for name in CALLS},
        hits=[
            (name, f"{START + timedelta(seconds=at):%H:%M}")
            for name, at in sorted(figures.hits.items(), key=lambda hit: hit[1])
        ],
    )


def _end(payment: Payment) -> str:
    if payment.ended == "CANCELLED":
        return "in time" if payment.ended_at < payment.cutoff else "too late"
    return payment.ended


def _drained(scenario: str, run: Simulation) -> float:
    """From the end of the disturbance on; without one, the longest time with a backlog."""
    disturbance = next(one for one in SCENARIOS if one.name == scenario).disturbance
    longest, begins = 0.0, None
    for sample in run.figures.samples:
        if sample.visible < MEAN * BACKLOG_SECONDS:
            if disturbance and sample.at >= disturbance.ends:
                return (sample.at - disturbance.ends) / 60
            begins = None
        else:
            begins = sample.at if begins is None else begins
            longest = max(longest, sample.at - begins)
    return longest / 60


@dataclass(frozen=True, slots=True)
class Series:
    """A run over the day: hours by the clock, and full-size figures."""

    hours: list[float]
    visible: list[float]
    executions: list[float]
    calls: list[float]


def series(run: Simulation) -> Series:
    samples, calls = run.figures.samples, dict(run.figures.rates("calls"))
    return Series(
        [START.hour + one.at / HOUR for one in samples],
        [one.visible for one in samples],
        [one.executions for one in samples],
        [calls.get(one.at - WINDOW / 2, 0.0) for one in samples],
    )
