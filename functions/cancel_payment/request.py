"""A record of the queue becomes a cancel request, or a rejection that says why. Pure.

No other module looks into a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cancel_payment import message
from cancel_payment.payment import CancelRequest, Payment, RejectedRecord
from cancel_payment.window import cutoff_of

_ID_NAMES: Final = ("paymentRequestId", "paymentId")
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_REPUBLISH: Final = (
    "Correct the event at its source and publish it again with the payment's ids and its "
    "paymentCreateTime; this message will never work as it stands."
)


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
    fields: dict[str, Any] = {}
    try:
        fields = message.json_object(record["body"])
        return _request(record, fields)
    except message.UnreadableError as error:
        return RejectedRecord(
            message_id=record["messageId"],
            body=record["body"],
            reason=str(error),
            further_action=_REPUBLISH,
            ids=_readable_ids(fields),
        )


def _request(record: Mapping[str, Any], fields: Mapping[str, Any]) -> CancelRequest:
    request_id, payment_id = (message.identifier(fields, name) for name in _ID_NAMES)
    if request_id is None and payment_id is None:
        raise message.UnreadableError("neither paymentRequestId nor paymentId is given")
    create_time = message.moment(fields, "paymentCreateTime")
    attributes = record["attributes"]
    attempt = int(attributes["ApproximateReceiveCount"])
    # Whole milliseconds added to the epoch: a float of seconds would round some of them.
    first_attempt_at = _EPOCH + timedelta(
        milliseconds=int(attributes["ApproximateFirstReceiveTimestamp"])
    )
    tracking = message.tracking(fields)
    if tracking is not None:
        attempt += tracking.attempts
        first_attempt_at = tracking.first_attempt_at
    return CancelRequest(
        message_id=record["messageId"],
        receipt_handle=record["receiptHandle"],
        body=record["body"],
        payment=Payment(request_id, payment_id, fields["paymentCreateTime"]),
        attempt=attempt,
        first_attempt_at=first_attempt_at,
        cutoff_at=_cutoff(create_time),
        task_token=tracking.task_token if tracking else None,
    )


def _cutoff(create_time: datetime) -> datetime:
    try:
        return cutoff_of(create_time)
    except OverflowError:
        raise message.UnreadableError("paymentCreateTime lies outside the calendar") from None


def _readable_ids(fields: Mapping[str, Any]) -> dict[str, str]:
    """The ids that a person can search for, where the message has any."""
    ids = {}
    for name in _ID_NAMES:
        try:
            value = message.identifier(fields, name)
        except message.UnreadableError:
            continue
        if value is not None:
            ids[name] = value
    return ids
