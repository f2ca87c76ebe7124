"""A run in a few figures, full size; a dictionary of them can be kept in a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from benchmarks.scale.load import MEAN
from benchmarks.scale.simulation import Simulation

# A queue counts as drained when less than two minutes of mean traffic wait.
_DRAINED = MEAN * 120
PEAKS = ("closing calls", "StartExecution", "SendTaskSuccess", "StateTransition", "KMS Sign")


@dataclass(frozen=True, slots=True)
class Summary:
    """One run; shares are of the payments whose window closes in that night.

    Attributes
    ----------
    unresolved
        Without a final answer in the end; `reported`: UNRESOLVED was published, whatever followed.
    open, dead
        Payments without any outcome, and messages in the dead-letter queue.
    waiting, in_flight, executions
        The most at a time.
    longest_wait, drained
        Minutes: a message on the queue; from the end of the disturbance (without one: in all)
        until the queue is drained.
    peaks
        Calls a second, over five minutes.
    met
        Quotas, by the clock time at which they were met first.
    """

    in_time: float
    refund: float
    unresolved: float
    reported: float
    waiting: float
    in_flight: float
    executions: float
    longest_wait: float
    drained: float
    timed_out: float
    effects_failed: float
    open: int
    dead: int
    most_attempts: int
    peaks: dict[str, float]
    met: dict[str, str]


def summary(run: Simulation) -> Summary:
    cutoff = run.payments[0].cutoff
    tonight = [one for one in run.payments if abs(one.cutoff - cutoff) < 1]

    def share(number: int) -> float:
        return number / len(tonight)

    samples, scale = run.samples, run.setup.scale
    return Summary(
        in_time=share(sum(one.in_time for one in tonight)),
        refund=share(sum(one.outcome == "REFUND_REQUIRED" for one in tonight)),
        unresolved=share(sum(one.outcome in ("", "UNRESOLVED") for one in tonight)),
        reported=share(sum(one.reported for one in tonight)),
        waiting=max(one.visible for one in samples),
        in_flight=max(one.in_flight for one in samples),
        executions=max(one.executions for one in samples),
        longest_wait=run.queue.longest_wait / 60,
        drained=_drained(run),
        timed_out=run.tracker.timed_out * scale,
        effects_failed=run.total("effects failed"),
        open=sum(not one.outcome for one in run.payments),
        dead=len(run.queue.dead),
        most_attempts=max(len(one.sends) for one in run.payments),
        peaks={
            "calls": run.peak("calls", "closing calls"),
            **{name: run.peak(name) for name in PEAKS},
        },
        met={
            name: f"{run.start + timedelta(seconds=at):%H:%M}"
            for name, at in sorted(run.refused.items(), key=lambda one: one[1])
        },
    )


def _drained(run: Simulation) -> float:
    bad = run.disturbance
    late = [one for one in run.samples if one.visible >= _DRAINED]
    if bad is None:
        return len(late) * 5.0
    return max((one.at - bad.ends for one in late if one.at >= bad.ends), default=0.0) / 60
