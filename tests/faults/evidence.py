"""What is known from outside once a run is over: values only, in a form that a file can keep.

Nothing here comes from the function itself: the stand-in's log, the queues, the bus, Step
Functions, and what the suite has done to them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

CANCELLED = "CANCELLED"
REFUND_REQUIRED = "REFUND_REQUIRED"
FAILED = "FAILED"
UNRESOLVED = "UNRESOLVED"
REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment of the run; `ends` are the ways in which its scenario can end, `REJECTED` for a
    message that cannot be read."""

    id: str
    created: str
    ends: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One event of a payment, when it was put on the bus or the queue (epoch seconds)."""

    payment: str
    at: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request as the stand-in's log shows it; `signed` if Alipay+'s own key signed all of it,
    and a careful client had to believe it."""

    payment: str
    at: float
    ended_at: float | None
    signed: bool
    status: str | None
    code: str | None
    body: str

    @property
    def resolves(self) -> bool:
        return self.signed and self.status in ("S", "F")


@dataclass(frozen=True, slots=True)
class OutcomeEvent:
    payment: str
    kind: str
    code: str | None
    at: float


@dataclass(frozen=True, slots=True)
class DeadLetter:
    body: str
    payment: str | None
    reason: str | None
    further_action: str | None
    code: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Execution:
    payment: str
    status: str
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All of it.

    Attributes
    ----------
    explained
        How many repeats of a payment's attempts the injected faults may have caused: a batch
        killed, an effect refused, an answer withheld.
    unheard
        Requests whose answers were withheld from the function; the stand-in may not have seen them.
    left
        Messages that are still on the queue of payments, and undelivered events.
    """

    payments: list[Payment]
    sent: list[Sent]
    attempts: list[Attempt]
    outcomes: list[OutcomeEvent]
    dead_letters: list[DeadLetter] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    explained: dict[str, int] = field(default_factory=dict)
    unheard: list[Sent] = field(default_factory=list)
    left: int = 0

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, path: Path) -> Self:
        kept: dict[str, Any] = json.loads(path.read_text())
        kinds = {
            "payments": Payment,
            "sent": Sent,
            "unheard": Sent,
            "attempts": Attempt,
            "outcomes": OutcomeEvent,
            "dead_letters": DeadLetter,
            "executions": Execution,
        }
        for one in kept["payments"]:
            one["ends"] = tuple(one["ends"])
        for name, kind in kinds.items():
            kept[name] = [kind(**one) for one in kept[name]]
        return cls(**kept)
