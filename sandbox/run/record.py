"""The record of a run: one JSON document, for machines, and what the HTML report is made from.

`make run` writes it to `.sandbox/report.json`, `make run JSON=1` prints it. Its shape, version 2
(a change that a reader could trip over gets a new version; new fields do not)::

    {"version": "2",
     "beganAt", "endedAt": ISO 8601, UTC,        "seconds": how long it took,
     "asItShould": true, false, or null where nothing was expected,
     "gatewayTimeoutSeconds": how long the function waits for the gateway,
     "counts": {"payments", "attempts", "asItShould", "outcomes": {outcome: number}},
     "strangers": [ids that were seen, but never sent],
     "payments": [
       {"id", "shows": what it is there for, "event": {"detailType", "detail"} or null,
        "outcome": CANCELLED, REFUND_REQUIRED, FAILED, UNRESOLVED, DEAD_LETTER or OPEN,
        "reason", "carriedBy": "queue" or "tracker",
        "expected": {"outcome", "attempts", "resultCode", "tracker", "error", "deadLetter"} or null,
        "faults": [what is not as expected],
        "attempts": [
          {"number", "beganAt", "endedAt", "second", "endSecond": since the run began,
           "kind": success, refund, failure, unknown, unproven, no-answer or open, "words",
           "scenario": of the stand-in, "answer": whose signature it carried,
           "request": {"method", "path", "headers", "body"},
           "response": {"status", "headers", "body"} or null,
           "function": {"evidence", "reason", "latencyMs", "next", …} as it logged it, or null}],
        "trackers": [{"name", "status", "error", "cause", "startedAt", "stoppedAt",
                      "steps": [{"at", "until", "state", "data"}]}],
        "outcomes": [outcome events, whole], "refunds": [messages in the refund queue],
        "deadLetters": [{"body", "attributes"}]}]}

It holds no private key, no Agent-Token and no whole signature.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sandbox.gateway import clock
from sandbox.run.cases import Case
from sandbox.run.payment_record import payment_record
from sandbox.run.progress import Progress
from sandbox.run.verdict import faults

VERSION = "2"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What was sent, what was seen of it, and when.

    Attributes
    ----------
    cases
        Empty where nothing was expected.
    """

    cases: Sequence[Case]
    progress: Mapping[str, Progress]
    began: datetime
    ended: datetime
    timeout_seconds: float

    @cached_property
    def strangers(self) -> list[str]:
        """The ids that were seen, but never sent."""
        return sorted(self.progress.keys() - {case.id for case in self.cases}) if self.cases else []

    @cached_property
    def wrong(self) -> list[str]:
        """Everything that is not as it should be, each with its payment."""
        found = [
            (case.id, one) for case in self.cases for one in faults(case, self.progress[case.id])
        ]
        found += [(one, "seen, but never sent") for one in self.strangers]
        return [f"{payment}: {what}" for payment, what in found]

    @property
    def good(self) -> bool | None:
        """Whether every payment ended as it should; None where nothing was expected."""
        return not self.wrong if self.cases else None


def record(run: Run) -> dict[str, Any]:
    """Return the record of a run, as the module describes it."""
    cases = {case.id: case for case in run.cases}
    names = [*cases, *(one for one in run.progress if one not in cases)]
    payments = [payment_record(one, cases.get(one), run.progress[one], run.began) for one in names]
    return {
        "version": VERSION,
        "beganAt": clock.log_form(run.began),
        "endedAt": clock.log_form(run.ended),
        "seconds": round((run.ended - run.began).total_seconds(), 3),
        "asItShould": run.good,
        "gatewayTimeoutSeconds": run.timeout_seconds,
        "counts": {
            "payments": len(payments),
            "attempts": sum(len(one["attempts"]) for one in payments),
            "asItShould": sum(bool(one["expected"]) and not one["faults"] for one in payments),
            "outcomes": dict(Counter(one["outcome"] for one in payments)),
        },
        "strangers": run.strangers,
        "payments": payments,
    }
