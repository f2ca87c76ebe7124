"""A payment as the ACQP names it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Payment:
    """What is to be cancelled.

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
    def primary_id(self) -> tuple[str, str]:
        """Name and value of the id that identifies this payment: ``paymentRequestId``, the
        idempotency field, if it is given."""
        return next(iter(self.parameters.items()))
