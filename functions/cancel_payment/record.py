"""A record of the queue becomes a cancel request, or a rejection that says why. Pure.

The contract is ``events/payment-timeout.schema.json``; fields that it does not name are ignored. No
other module looks into a record.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cancel_payment.alipay.json_object import read_object
from cancel_payment.alipay.payment import Payment
from cancel_payment.execution_names import execution_names
from cancel_payment.model import CancelRequest, DeadLetter, RejectedRecord, Tracking
from cancel_payment.window import cutoff_of, parse_moment

_ID_NAMES: Final = ("paymentRequestId", "paymentId")
_MAX_ID_LENGTH: Final = 64
_MAX_TASK_TOKEN_LENGTH: Final = 2048
_MAX_ATTEMPTS: Final = 1_000_000
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_REPUBLISH: Final = (
    "Correct the event at its source and publish it again with the payment's ids and its "
    "paymentCreateTime; this message will never work as it stands."
)


class _UnreadableError(ValueError):
    """This message can never work; the text says why without echoing hostile content."""


def read(record: Mapping[str, Any]) -> CancelRequest | RejectedRecord:
    """Read one SQS record.

    Parameters
    ----------
    record
        One entry of the event's ``Records``: ``messageId``, ``receiptHandle``, ``body`` and the
        attributes ``ApproximateReceiveCount`` and ``ApproximateFirstReceiveTimestamp`` (epoch ms).

    Returns
    -------
    CancelRequest | RejectedRecord
        Whatever the body holds: reading never raises for it.
    """
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    fields = read_object(record["body"])
    try:
        if fields is None:
            raise _UnreadableError("the body is not a JSON object")
        return _request(record, receives, fields)
    except _UnreadableError as error:
        letter = DeadLetter(
            message_id=record["messageId"],
            body=record["body"],
            reason=str(error),
            further_action=_REPUBLISH,
            ids=_readable_ids(fields or {}),
        )
        return RejectedRecord(record["receiptHandle"], receives, letter)


def _request(record: Mapping[str, Any], receives: int, fields: Mapping[str, Any]) -> CancelRequest:
    request_id, payment_id = (_identifier(fields, name) for name in _ID_NAMES)
    if request_id is None and payment_id is None:
        raise _UnreadableError("neither paymentRequestId nor paymentId is given")
    created_at = _moment(fields, "paymentCreateTime", "paymentCreateTime")
    payment = Payment(request_id, payment_id, fields["paymentCreateTime"])
    tracking = _tracking(fields, payment)
    # Whole milliseconds added to the epoch: a float of seconds would round some of them.
    first_attempt_at = _EPOCH + timedelta(
        milliseconds=int(record["attributes"]["ApproximateFirstReceiveTimestamp"])
    )
    attempt = receives
    if tracking is not None:
        first_attempt_at = tracking.first_attempt_at
        attempt += tracking.attempts
    return CancelRequest(
        message_id=record["messageId"],
        receipt_handle=record["receiptHandle"],
        body=record["body"],
        payment=payment,
        receives=receives,
        attempt=attempt,
        first_attempt_at=first_attempt_at,
        cutoff_at=_cutoff(created_at, first_attempt_at),
        tracking=tracking,
    )


def _identifier(fields: Mapping[str, Any], name: str) -> str | None:
    """An id of 1 to 64 characters; ``""`` and null count as absent."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise _UnreadableError(f"{name} is not a string")
    if len(value) > _MAX_ID_LENGTH:
        raise _UnreadableError(f"{name} has more than {_MAX_ID_LENGTH} characters")
    if not _fit(value):
        raise _UnreadableError(f"{name} holds a control character")
    return value


def _moment(fields: Mapping[str, Any], name: str, label: str) -> datetime:
    value = fields.get(name)
    if value is None or value == "":
        raise _UnreadableError(f"{label} is missing")
    if not isinstance(value, str):
        raise _UnreadableError(f"{label} is not a string")
    try:
        return parse_moment(value)
    except ValueError:
        raise _UnreadableError(
            f"{label} is not an ISO 8601 date and time with an offset or Z"
        ) from None


def _tracking(fields: Mapping[str, Any], payment: Payment) -> Tracking | None:
    value = fields.get("tracking")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _UnreadableError("tracking is not a JSON object")
    token, attempts = value.get("taskToken"), value.get("attempts")
    if not isinstance(token, str) or not 1 <= len(token) <= _MAX_TASK_TOKEN_LENGTH:
        raise _UnreadableError("tracking.taskToken is missing or not a token")
    if not _fit(token):
        raise _UnreadableError("tracking.taskToken holds a control character")
    # bool is an int to Python, not to JSON.
    if not isinstance(attempts, int) or isinstance(attempts, bool):
        raise _UnreadableError("tracking.attempts is not a whole number")
    if not 0 <= attempts <= _MAX_ATTEMPTS:
        raise _UnreadableError("tracking.attempts is out of range")
    execution, closing = value.get("execution"), value.get("closing", False)
    if execution is not None and not isinstance(execution, str):
        raise _UnreadableError("tracking.execution is not a string")
    if not isinstance(closing, bool):
        raise _UnreadableError("tracking.closing is neither true nor false")
    first_attempt_at = _moment(value, "firstAttemptAt", "tracking.firstAttemptAt")
    # Copied from another payment's message or invented: this payment has no tracker of that name.
    if execution is not None and execution not in execution_names(payment):
        return None
    return Tracking(token, attempts, first_attempt_at, execution, closing)


def _cutoff(created_at: datetime, first_attempt_at: datetime) -> datetime:
    try:
        return cutoff_of(created_at, first_attempt_at)
    except OverflowError:
        raise _UnreadableError("paymentCreateTime lies outside the calendar") from None


def _fit(text: str) -> bool:
    # Lone surrogates (Cs) cannot be sent as UTF-8; U+FFFE and U+FFFF cannot stand in an SQS
    # message, so the tracker could never put the request back on the queue.
    return not any(
        unicodedata.category(character) in {"Cc", "Cs"} or character in "\ufffe\uffff"
        for character in text
    )


def _readable_ids(fields: Mapping[str, Any]) -> dict[str, str]:
    """The ids that a person can search for, where the message has any."""
    ids = {}
    for name in _ID_NAMES:
        try:
            value = _identifier(fields, name)
        except _UnreadableError:
            continue
        if value is not None:
            ids[name] = value
    return ids
