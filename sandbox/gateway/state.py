"""All that changes while a stand-in runs: keys, mode, ledger, log. No HTTP.

A payment's record stays small however often it is asked for, and is found by either id, so that
tens of thousands of payments cost no more to look at than one.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.gateway import clock
from sandbox.gateway.behaviour import Behaviour
from sandbox.gateway.request_log import RequestLog
from sandbox.gateway.scenarios import MODES, SCENARIOS, SUCCEEDS, find
from sandbox.gateway.signatures import Keys


@dataclass(slots=True)
class Payment:
    """One payment, known by one id or by both."""

    payment_request_id: str | None = None
    payment_id: str | None = None
    initiated_at: datetime | None = None
    cancelled_at: datetime | None = None
    attempts: int = 0

    def window_closed(self, at: datetime) -> bool:
        """Say whether it is too late to cancel; never for a payment of unknown age."""
        return self.initiated_at is not None and at >= clock.cutoff(self.initiated_at)

    def as_json(self) -> dict[str, Any]:
        return {
            "paymentRequestId": self.payment_request_id,
            "paymentId": self.payment_id,
            "initiatedAt": self.initiated_at and clock.log_form(self.initiated_at),
            "cancelledAt": self.cancelled_at and clock.log_form(self.cancelled_at),
            "attempts": self.attempts,
        }


class Ledger:
    """Every payment that was registered or asked for."""

    def __init__(self) -> None:
        self.payments: list[Payment] = []
        self._by_request_id: dict[str, Payment] = {}
        self._by_payment_id: dict[str, Payment] = {}

    def look_up(self, request_id: str | None, payment_id: str | None) -> Payment | None:
        """Find a payment; `paymentRequestId`, the idempotency field, goes before `paymentId`."""
        by_payment_id = self._by_payment_id.get(payment_id or "")
        if not request_id:
            return by_payment_id
        found = self._by_request_id.get(request_id)
        if found is None and by_payment_id and by_payment_id.payment_request_id is None:
            return by_payment_id
        return found

    def open(self, request_id: str | None, payment_id: str | None) -> Payment:
        """Find a payment or begin its record, and note an id that was not known of it."""
        payment = self.look_up(request_id, payment_id)
        if payment is None:
            payment = Payment()
            self.payments.append(payment)
        if request_id and payment.payment_request_id is None:
            payment.payment_request_id = request_id
            self._by_request_id[request_id] = payment
        # The id that came first keeps its payment: the idempotency field is the other one.
        if payment_id and payment.payment_id is None and payment_id not in self._by_payment_id:
            payment.payment_id = payment_id
            self._by_payment_id[payment_id] = payment
        return payment

    def register(
        self, request_id: str | None, payment_id: str | None, initiated_at: datetime
    ) -> Payment:
        """Note when a payment was initiated, and that both ids are the same payment.

        Raises
        ------
        ValueError
            The ids belong to different payments already.
        """
        payment = self.look_up(request_id, payment_id)
        other = self._by_payment_id.get(payment_id or "")
        if other is not None and other is not payment:
            raise ValueError("the paymentId belongs to another payment")
        if payment and payment_id and payment.payment_id not in (None, payment_id):
            raise ValueError("the paymentRequestId belongs to another payment")
        payment = self.open(request_id, payment_id)
        payment.initiated_at = initiated_at
        return payment


class GatewayState:
    """The state of one stand-in.

    Parameters
    ----------
    config
        `gateway.json` of `sandbox.gateway.keys`.
    latency_ms
        How long each answer is on its way; a mode may set another for its time.
    """

    def __init__(self, config: Path, latency_ms: int) -> None:
        self.keys = Keys.load(config)
        self.mode = "normal"
        self.usual_latency_ms = self.latency_ms = latency_ms
        self.ledger = Ledger()
        self.log = RequestLog()

    def decide(self, payment: Payment, asked_id: str, at: datetime) -> tuple[str, Behaviour]:
        """Say what happens to an attempt, and by which rule.

        An outage hits every payment. Otherwise, however slowly, a cancelled payment stays cancelled
        and one whose window has closed cannot be; only then its id chooses. Source:
        docs.alipayplus.com/alipayplus/alipayplus/api_acq (cancelPayment, idempotency, window).
        """
        mode_name = f"MODE_{self.mode.upper()}"
        if self.mode not in ("normal", "slow"):
            return mode_name, MODES[self.mode]
        if payment.cancelled_at is not None:
            return "ALREADY_CANCELLED", SUCCEEDS
        if payment.window_closed(at):
            return "WINDOW_CLOSED", SCENARIOS["FAILS-CANCEL_WINDOW_EXCEED"]
        if self.mode == "slow":
            return mode_name, MODES[self.mode]
        return find(asked_id, payment.attempts)
