"""What the refund example asks of others: Alipay+'s refunds, the acquirer's own record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

AMOUNT = {"currency": "EUR", "value": "1200"}


class Client:
    """Alipay+ as the signed calls show it: one refund for each `refundRequestId`.

    Parameters
    ----------
    inquiry, payment
        The status of the inquiry, perhaps with its code, and of the payment.
    refund
        The statuses of the answers to refunds, one after the other; the last one stays.
    """

    def __init__(
        self, inquiry: str = "S", payment: str = "S", refund: tuple[str, ...] = ("S",)
    ) -> None:
        self._inquiry = inquiry
        self._payment = payment
        self._refund = list(refund)
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self.refunds: dict[str, Mapping[str, Any]] = {}

    def inquiry_payment(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls.append(("inquiry", parameters))
        status, _, code = self._inquiry.partition(" ")
        answer: dict[str, Any] = {"result": {"resultStatus": status, "resultCode": code}}
        if self._inquiry == "S":
            answer["paymentResult"] = {"resultStatus": self._payment}
        return answer

    def refund(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls.append(("refund", parameters))
        self.refunds[parameters["refundRequestId"]] = parameters
        status = self._refund.pop(0) if len(self._refund) > 1 else self._refund[0]
        return {"result": {"resultStatus": status, "resultCode": "SUCCESS"}}


class Ledger:
    """The acquirer's own record; `by_payment_id` finds a payment by Alipay+'s id."""

    def __init__(self, known: set[str], by_payment_id: Mapping[str, str] | None = None) -> None:
        self._known = known
        self._by_payment_id = by_payment_id or {}

    def payment(self, ids: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
        found = ids.get("paymentRequestId") or self._by_payment_id[ids["paymentId"]]
        if found not in self._known:
            raise LookupError(found)
        return found, AMOUNT
