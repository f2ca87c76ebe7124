"""A payment, the request to cancel it, and a record that holds none: values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as the ACQP names it.

    Attributes
    ----------
    payment_request_id, payment_id
        At least one is there; 1 to 64 characters each.
    create_time
        When the ACQP initiated the payment, verbatim as it arrived (ISO 8601 with offset).
    """

    payment_request_id: str | None
    payment_id: str | None
    create_time: str

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the call: absent ids are left out, never ``""``."""
        ids = {"paymentRequestId": self.payment_request_id, "paymentId": self.payment_id}
        return {name: value for name, value in ids.items() if value is not None}

    @property
    def naming_id(self) -> tuple[str, str]:
        """The id that names this payment: ``paymentRequestId``, the idempotency field, if given."""
        return next(iter(self.parameters.items()))


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """A record that could be read: cancel this payment.

    Attributes
    ----------
    attempt
        The number of this attempt, from 1, over the whole life of the payment.
    first_attempt_at
        When the first attempt began; the fast phase and the backoff count from it.
    cutoff_at
        The moment at which the cancel window closes.
    task_token
        The token of the tracker that waits for this attempt; ``None`` while untracked.
    body
        The message, unchanged: the dead-letter queue gets it as it came.
    """

    message_id: str
    receipt_handle: str
    body: str
    payment: Payment
    attempt: int
    first_attempt_at: datetime
    cutoff_at: datetime
    task_token: str | None = field(repr=False)

    @property
    def tracked(self) -> bool:
        return self.task_token is not None

    @property
    def is_first_attempt(self) -> bool:
        return not self.tracked and self.attempt == 1


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """What goes to the dead-letter queue at once: a record that can never work as it stands, or a
    failed payment that waits there for an operator's redrive (then with `result_code`)."""

    message_id: str
    body: str
    reason: str
    further_action: str
    result_code: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
