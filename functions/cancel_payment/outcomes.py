"""Outcome events on the bus, for what the gateway has answered.

The contract is ``events/outcome.schema.json``. "Payment Cancellation Unresolved" is not made here
but by the tracker, when the window closes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from cancel_payment.aws import AWS_ERRORS, Clients, error_code
from cancel_payment.model import Attempt, Outcome, Resolve
from cancel_payment.observability import logger
from cancel_payment.payment import CancelRequest
from cancel_payment.window import format_moment

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE: Final = "alipayplus.cancelPayment"

_DETAIL_TYPES: Final = {
    Outcome.CANCELLED: "Payment Cancelled",
    Outcome.REFUND_REQUIRED: "Payment Refund Required",
    Outcome.FAILED: "Payment Cancellation Failed",
}
_MAX_ENTRIES: Final = 10  # of one PutEvents call


class Outcomes:
    """Publishes outcome events; delivery is at least once."""

    def __init__(self, clients: Clients, bus_name: str) -> None:
        self._clients = clients
        self._bus_name = bus_name

    def publish(self, resolved: Sequence[tuple[Attempt, Resolve]]) -> set[str]:
        """Publish one event for each.

        Returns
        -------
        set of str
            The ids of the messages whose event did *not* go out: they must come back.
        """
        unpublished: set[str] = set()
        for batch in batched(resolved, _MAX_ENTRIES, strict=False):
            entries = [self._entry(attempt, resolve) for attempt, resolve in batch]
            try:
                answers = self._clients.events.put_events(Entries=entries)["Entries"]
                codes = [answer.get("ErrorCode") for answer in answers]
            except AWS_ERRORS as error:
                codes = [error_code(error)] * len(batch)
            for (attempt, _), code in zip(batch, codes, strict=True):
                if code is not None:
                    unpublished.add(attempt.request.message_id)
                    logger.error(
                        "outcome event not published, the message comes back",
                        extra={**attempt.request.payment.parameters, "reason": code},
                    )
        return unpublished

    def _entry(self, attempt: Attempt, resolve: Resolve) -> PutEventsRequestEntryTypeDef:
        return {
            "Source": SOURCE,
            "DetailType": _DETAIL_TYPES[resolve.outcome],
            "Detail": json.dumps(_detail(attempt, resolve)),
            "EventBusName": self._bus_name,
        }


def _detail(attempt: Attempt, resolve: Resolve) -> dict[str, Any]:
    request, result = attempt.request, attempt.result
    detail = {
        "version": "1",
        "outcomeId": _outcome_id(request, resolve.outcome, result.code),
        "outcome": resolve.outcome.value,
        **request.payment.parameters,
        "resultStatus": result.status,
        "resultCode": result.code,
        "resultMessage": result.message,
        "furtherAction": resolve.further_action,
        "pspId": result.psp_id,
        "acquirerId": result.acquirer_id,
        "attempts": request.attempt,
        "firstAttemptAt": format_moment(request.first_attempt_at),
        "resolvedAt": format_moment(attempt.ended_at),
        "cutoffAt": format_moment(request.cutoff_at),
    }
    return {name: value for name, value in detail.items() if value is not None}


def _outcome_id(request: CancelRequest, outcome: Outcome, code: str | None) -> str:
    """The same for every repeat of the same outcome of the same payment.

    A failure is the same only with the same code: after an operator's redrive another code is
    news to the consumer.
    """
    name, value = request.payment.naming_id
    kind = f"{outcome}:{code}" if outcome is Outcome.FAILED else outcome
    return f"{kind}:{name}:{value}"
