"""What flows between the steps: values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cancel_payment.alipay.payment import Payment
from cancel_payment.alipay.result import Result


@dataclass(frozen=True, slots=True)
class Tracking:
    """What the tracker adds to a request that it puts back on the queue.

    Attributes
    ----------
    attempts
        Attempts made before this message was sent.
    execution
        The tracker's name; ``None`` in messages of version 1.
    closing
        The one call after the cutoff, before the tracker gives up.
    """

    task_token: str = field(repr=False)
    attempts: int
    first_attempt_at: datetime
    execution: str | None = None
    closing: bool = False


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """A record that could be read: cancel this payment.

    Attributes
    ----------
    body
        The message, unchanged: the dead-letter queue gets it as it came.
    receives
        How often this message was received, this time included.
    attempt
        The number of this attempt, from 1, over the whole life of the payment.
    first_attempt_at
        When the first attempt began; the fast phase and the backoff count from it.
    cutoff_at
        The moment at which the cancel window closes.
    tracking
        ``None`` while untracked.
    """

    message_id: str
    receipt_handle: str
    body: str
    payment: Payment
    receives: int
    attempt: int
    first_attempt_at: datetime
    cutoff_at: datetime
    tracking: Tracking | None = None

    @property
    def closing(self) -> bool:
        return self.tracking is not None and self.tracking.closing


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What goes to the dead-letter queue at once: a record that can never work as it stands, or a
    payment that waits there for an operator (`result_code` where Alipay+ has answered)."""

    message_id: str
    body: str
    reason: str
    further_action: str
    result_code: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that cannot be read, and why."""

    receipt_handle: str
    receives: int
    letter: DeadLetter


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request, what came of it, and when; ``latency_ms`` only where a call was tried."""

    request: CancelRequest
    result: Result
    ended_at: datetime
    latency_ms: float | None = None


class Outcome(StrEnum):
    """How a payment's cancellation ends. Unresolved is published by the tracker."""

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
    """Still unknown in the first minute: SQS keeps the message, and shows it at this moment."""

    visible_at: datetime


@dataclass(frozen=True, slots=True)
class Track:
    """Still unknown: the tracker waits until then; at the cutoff, for its closing call."""

    next_attempt_at: datetime


@dataclass(frozen=True, slots=True)
class ComeBack:
    """The closing call could not be sent: its message comes back, as after a failed effect."""


type Decision = Resolve | Requeue | Track | ComeBack


@dataclass(frozen=True, slots=True)
class Decided:
    """An attempt, and what follows from it."""

    attempt: Attempt
    decision: Decision

    @property
    def request(self) -> CancelRequest:
        return self.attempt.request
