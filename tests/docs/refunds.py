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
        The statuses of the answers to refunds, one after the other, then S.
    """

    def __init__(self, inquiry: str = "S", payment: str = "S", refund: str = "") -> None:
        status, _, code = inquiry.partition(" ")
        self._inquiry: dict[str, Any] = {"result": {"resultStatus": status, "resultCode": code}}
        if status == "S":
            self._inquiry["paymentResult"] = {"resultStatus": payment}
        self._refund = [*refund]
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self.refunds: dict[str, Mapping[str, Any]] = {}

    def inquiry_payment(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls.append(("inquiry", parameters))
        return self._inquiry

    def refund(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls.append(("refund", parameters))
        self.refunds[parameters["refundRequestId"]] = parameters
        status = self._refund.pop(0) if self._refund else "S"
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
