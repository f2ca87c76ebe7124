"""Record parsing: any body becomes a request that keeps the message's contract, or a rejection.

The contract (design.md, "Message on the queue") is judged here by its own few lines; nothing of
the code under test but `read` and its values is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cancel_payment.payment import CancelRequest, RejectedRecord
from cancel_payment.request import read as read_record

from tests.fuzz.finding import expect, sendable, strict_json

NAME: Final = "record"
TOKENS: Final = (
    *(
        '"paymentRequestId":',
        '"paymentId":',
        '"paymentCreateTime":',
        '"tracking":{',
        '"taskToken":',
    ),
    *('"attempts":', '"firstAttemptAt":', '"2026-11-22T23:41:07+08:00"', '"20260101T000000Z"'),
    *('"a"', '""', "null", "true", "1e9", "NaN", "-Infinity", "\\ud800", "\\u0000", "\\uffff"),
    *("T", "Z", "+08:00", "-23:59", "W53-7", "9999-12-31", "0001-01-01", ",", ":", "{", "}"),
)

# ISO 8601 with an offset: calendar or week date, "T" (for which RFC 3339 allows "t" and a space), a
# time, an offset. Each group is lenient about its digits: the calendar is asked elsewhere.
_ISO_8601 = re.compile(
    r"\d{4}(-?\d\d-?\d\d|-?W\d\d(-?\d)?)[Tt ]\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?"
    r"(Z|[+-]\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?)",
    re.ASCII,
)
_EVERYDAY = re.compile(
    r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
    r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z|[+-]0\d:[03]0)",
    re.ASCII,
)
_CONTROL: Final = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))}
_FIRST_RECEIVED: Final = 1_767_225_600_123


def check(data: bytes) -> None:
    """Read a record whose body is `data`.

    Raises
    ------
    Finding
        The reader broke its promise.
    """
    body = data.decode("utf-8", "replace")
    read = read_record(of_body(body))
    try:
        fields = strict_json(body)
    except ValueError:
        fields = None
    expect((read.message_id, read.body) == ("message", body), "the message itself is unchanged")
    if isinstance(read, RejectedRecord):
        _check_rejection(read)
        expect(not _is_everyday(fields), "a message as publishers send it is read")
    else:
        expect(isinstance(fields, dict), "a body that is not a JSON object is rejected")
        _check_request(read, fields)


def of_body(body: str) -> dict[str, Any]:
    """A record on its third delivery."""
    return {
        "messageId": "message",
        "receiptHandle": "receipt",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "3",
            "ApproximateFirstReceiveTimestamp": str(_FIRST_RECEIVED),
        },
    }


def seeds() -> Iterator[bytes]:
    """Seeds that are too large or too odd to keep in a file."""
    yield b"[" * 100_000
    yield b'{"paymentRequestId":"a","paymentCreateTime":' + b"9" * 5000 + b"}"
    yield b'{"paymentRequestId":"' + b"a" * 65 + b'"}'


def _check_request(read: CancelRequest, fields: Mapping[str, Any]) -> None:
    payment = read.payment
    ids = {"paymentRequestId": payment.payment_request_id, "paymentId": payment.payment_id}
    expect(any(ids.values()), "a request has an id")
    for name, value in ids.items():
        expect(value == (fields.get(name) or None), "an id is taken as it came")
        expect(value is None or _is_id(value), "an id has 1 to 64 characters, none of control")
    created = payment.create_time
    expect(created == fields.get("paymentCreateTime"), "the create time is taken as it came")
    expect(sendable(created), "the create time can be sent on as UTF-8")
    expect(_ISO_8601.fullmatch(created), "the create time is ISO 8601 with an offset")
    expect(read.cutoff_at == _cutoff(created), "the cutoff is 00:15 UTC+8 of the next day")
    tracking = fields.get("tracking")
    if tracking is None:
        expect(not read.tracked and read.attempt == 3, "an untracked attempt counts receives")
        first = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=123)
        expect(read.first_attempt_at == first, "the first attempt is the first receive")
    else:
        token = read.task_token
        expect(token is not None and 1 <= len(token) <= 2048, "a token has 1 to 2048 characters")
        expect(token is not None and sendable(token), "the token can be sent back as UTF-8")
        expect(token == tracking["taskToken"], "the token is taken as it came")
        expect(read.attempt == 3 + tracking["attempts"] >= 3, "attempts add up")
        first_text = tracking["firstAttemptAt"]
        expect(_ISO_8601.fullmatch(first_text), "firstAttemptAt is ISO 8601 with an offset")
        expect(read.first_attempt_at == datetime.fromisoformat(first_text), "the first attempt")
    expect(read.first_attempt_at.tzinfo is not None, "no moment is without an offset")


def _check_rejection(read: RejectedRecord) -> None:
    said = read.reason + read.further_action
    expect(read.reason and said.isascii() and said.isprintable(), "a rejection is plain text")
    expect(len(read.reason) <= 120, "a rejection's reason does not echo the message")
    expect(set(read.ids) <= {"paymentRequestId", "paymentId"}, "a rejection names ids alone")
    expect(all(map(_is_id, read.ids.values())), "an id for the log is an id")


def _is_id(value: str) -> bool:
    return 1 <= len(value) <= 64 and not _CONTROL & set(value) and sendable(value)


def _cutoff(created: str) -> datetime:
    """By whole days since 1970 in UTC+8, another way than the calendar's."""
    since = datetime.fromisoformat(created) - datetime(1970, 1, 1, tzinfo=UTC)
    day = (since + timedelta(hours=8)) // timedelta(days=1)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day + 1, minutes=15 - 8 * 60)


def _is_everyday(fields: object) -> bool:
    """Whether this is a message that every publisher may rely on to be read."""
    if not isinstance(fields, dict) or fields.get("tracking") is not None:
        return False
    created, ids = fields.get("paymentCreateTime"), [fields.get("paymentRequestId")]
    ids += [fields.get("paymentId")] if "paymentId" in fields else []
    plain = all(isinstance(v, str) and re.fullmatch(r"[!-~]{1,64}", v) for v in ids)
    return plain and isinstance(created, str) and bool(_EVERYDAY.fullmatch(created))
