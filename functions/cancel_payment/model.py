"""What is known after an attempt, and what may follow from it: values without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from cancel_payment.payment import CancelRequest

type ResultStatus = Literal["S", "F", "U"]


class Evidence(StrEnum):
    """What a result rests on. Only ``SIGNED`` proves anything."""

    SIGNED = "signed"
    UNPROVEN = "unproven"
    NO_ANSWER = "no answer"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class Result:
    """What is known after an attempt.

    Attributes
    ----------
    status
        ``S`` and ``F`` only with signed evidence.
    code
        The ``resultCode``; of an unproven answer only a code that tells of *our* configuration.
    reason
        Why nothing is known, for the log; empty where the answer speaks for itself.
    distrusts_keys
        The answer suggests that one of the keys in use is not the right one.
    """

    status: ResultStatus
    evidence: Evidence
    code: str | None = None
    message: str | None = None
    psp_id: str | None = None
    acquirer_id: str | None = None
    reason: str = ""
    distrusts_keys: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request, what came of it, and when; ``latency_ms`` only where a call was made."""

    request: CancelRequest
    result: Result
    ended_at: datetime
    latency_ms: float | None = None


class Outcome(StrEnum):
    """How a payment's cancellation ends. Unresolved is the tracker's to say, never ours."""

    CANCELLED = "CANCELLED"
    REFUND_REQUIRED = "REFUND_REQUIRED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Resolve:
    """The gateway has answered: the outcome event goes out."""

    outcome: Outcome
    further_action: str


@dataclass(frozen=True, slots=True)
class Requeue:
    """Still unknown in the first minute: visible again at this moment."""

    visible_at: datetime


@dataclass(frozen=True, slots=True)
class Track:
    """Still unknown: the tracker waits until this moment; the cutoff itself means closed."""

    next_attempt_at: datetime


type Decision = Resolve | Requeue | Track


@dataclass(frozen=True, slots=True)
class Decided:
    """An attempt, and what follows from it."""

    attempt: Attempt
    decision: Decision

    @property
    def request(self) -> CancelRequest:
        return self.attempt.request
