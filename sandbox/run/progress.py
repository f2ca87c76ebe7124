"""One payment as far as it has come: what was seen of it, in the words of those who said it.

Data only: `sandbox.run.verdict` judges it, `sandbox.run.waiting` words it for people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Fields = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Tracker:
    """One Step Functions execution.

    Attributes
    ----------
    steps
        The states that it went through (`sandbox.run.tracker_steps`).
    """

    name: str
    status: str
    error: str | None
    cause: str | None
    started_at: str
    stopped_at: str | None
    steps: Sequence[Fields] = ()

    @property
    def next_attempt_at(self) -> str | None:
        """ISO 8601; the last that it was given."""
        given = [step["data"].get("nextAttemptAt") for step in self.steps]
        return next(filter(None, reversed(given)), None)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Everything seen of one payment, in the order in which it happened.

    Attributes
    ----------
    sends
        The stand-in's log of its requests (`sandbox.gateway.request_log`).
    notes
        The function's own log lines of its attempts, which it writes at the end of a batch.
    outcomes
        The outcome events, whole: `detail-type`, `detail` and the rest of the envelope.
    refunds
        The messages in the refund queue, as bodies.
    operator_cases
        The events in the operators' queue, whole.
    dead_letters
        The messages in the dead-letter queue, each `{"body": …, "attributes": {name: value}}`.
    trackers
        Its executions, the newest last.
    """

    sends: Sequence[Fields] = ()
    notes: Sequence[Fields] = ()
    outcomes: Sequence[Fields] = ()
    refunds: Sequence[str] = ()
    operator_cases: Sequence[Fields] = ()
    dead_letters: Sequence[Fields] = ()
    trackers: Sequence[Tracker] = ()

    @property
    def details(self) -> list[Fields]:
        """The details of its outcome events."""
        return [event["detail"] for event in self.outcomes]

    @property
    def tracker(self) -> Tracker | None:
        """Its newest execution."""
        return self.trackers[-1] if self.trackers else None
