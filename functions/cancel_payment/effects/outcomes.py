"""Outcome events on the bus, for what the gateway has answered.

The contract is ``events/outcome.schema.json``, version 2. "Payment Cancellation Unresolved" is not
made here but by the tracker, when the window is closed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from cancel_payment.alipay.result import Proof
from cancel_payment.aws import Clients, UnconfirmedError
from cancel_payment.model import Attempt, CancelRequest, Outcome, Resolve
from cancel_payment.window import format_moment

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE: Final = "alipayplus.cancelPayment"

_DETAIL_TYPES: Final = {
    Outcome.CANCELLED: "Payment Cancelled",
    Outcome.REFUND_REQUIRED: "Payment Refund Required",
    Outcome.FAILED: "Payment Cancellation Failed",
}
# Of one PutEvents call: docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html. An
# answer of 64 KiB makes an event of 90 KB.
_MAX_ENTRIES: Final = 10
_MAX_BYTES: Final = 256_000

type Entry = PutEventsRequestEntryTypeDef


class Outcomes:
    """Publishes outcome events; delivery is at least once."""

    def __init__(self, clients: Clients, bus_name: str) -> None:
        self._clients = clients
        self._bus_name = bus_name

    def entry(self, attempt: Attempt, resolve: Resolve) -> Entry:
        """The event of one outcome."""
        return {
            "Source": SOURCE,
            "DetailType": _DETAIL_TYPES[resolve.outcome],
            "Detail": json.dumps(_detail(attempt, resolve)),
            "EventBusName": self._bus_name,
        }

    def publish(self, entries: Sequence[Entry]) -> list[str | None]:
        """Publish what fits into one call.

        Returns
        -------
        list of str or None
            For each entry the service's error code; ``None`` where it is published.
        """
        answers = self._clients.events.put_events(Entries=entries)["Entries"]
        if len(answers) != len(entries):
            raise UnconfirmedError
        return [_error_code(answer) for answer in answers]


def _error_code(answer: Mapping[str, Any]) -> str | None:
    if answer.get("ErrorCode"):
        return str(answer["ErrorCode"])
    event_id = answer.get("EventId")
    return None if isinstance(event_id, str) and event_id else "no EventId"


def calls(entries: Sequence[Entry]) -> Iterator[range]:
    """Which entries fit into one call together: at most ten, and within the bytes of one call."""
    begin, size = 0, 0
    for index, entry in enumerate(entries):
        # json.dumps writes ASCII: a character is a byte.
        length = len(entry["Detail"]) + len(entry["DetailType"]) + len(entry["Source"])
        if index > begin and (index - begin == _MAX_ENTRIES or size + length > _MAX_BYTES):
            yield range(begin, index)
            begin, size = index, 0
        size += length
    if entries:
        yield range(begin, len(entries))


def _detail(attempt: Attempt, resolve: Resolve) -> dict[str, Any]:
    request, result = attempt.request, attempt.result
    detail = {
        "version": "2",
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
        "proof": None if result.proof is None else _proof(result.proof),
    }
    return {name: value for name, value in detail.items() if value is not None}


def _proof(proof: Proof) -> dict[str, str]:
    return {
        "clientId": proof.client_id,
        "requestTime": proof.request_time,
        "request": proof.request.decode(),
        "responseTime": proof.response_time,
        "keyVersion": proof.key_version,
        "signature": base64.b64encode(proof.signature).decode(),
        "response": base64.b64encode(proof.response).decode(),
    }


def _outcome_id(request: CancelRequest, outcome: Outcome, code: str | None) -> str:
    """The same for every repeat of the same outcome of the same payment.

    A failure is the same only with the same code: after an operator's redrive another code is
    news to the consumer.
    """
    name, value = request.payment.primary_id
    kind = f"{outcome}:{code}" if outcome is Outcome.FAILED else outcome
    return f"{kind}:{name}:{value}"
