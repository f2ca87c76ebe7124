"""What an operator reads: every refusal in the words of the contract, word for word."""

from __future__ import annotations

from typing import Any

import pytest
from cancel_payment.model import Evidence
from cancel_payment.payment import CancelRequest, RejectedRecord
from cancel_payment.request import read
from cancel_payment.result import (
    distrusting,
    no_answer,
    not_sent,
    read_signed,
    read_unproven,
    unproven,
)
from cancel_payment.result_codes import further_action
from cancel_payment.signing import SignatureHeaderError, read_signature_header
from cancel_payment.window import UTC_PLUS_8, parse_moment

from tests.unit.cases import CREATED, a_record

TOKEN = {"taskToken": "t", "attempts": 0, "firstAttemptAt": CREATED}


def message(**fields: Any) -> dict[str, Any]:
    return {"paymentRequestId": "P1", "paymentCreateTime": CREATED} | fields


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "the body is not a JSON object"),
        ("[]", "the body is not a JSON object"),
        ({"paymentCreateTime": CREATED}, "neither paymentRequestId nor paymentId is given"),
        (message(paymentRequestId=1), "paymentRequestId is not a string"),
        (message(paymentId="x" * 65), "paymentId has more than 64 characters"),
        (message(paymentId="a\nb"), "paymentId holds a control character"),
        (message(paymentCreateTime=None), "paymentCreateTime is missing"),
        (message(paymentCreateTime=""), "paymentCreateTime is missing"),
        (message(paymentCreateTime=7), "paymentCreateTime is not a string"),
        (
            message(paymentCreateTime="yesterday"),
            "paymentCreateTime is not an ISO 8601 date and time with an offset or Z",
        ),
        (
            message(paymentCreateTime="9999-12-31T12:00:00+08:00"),
            "paymentCreateTime lies outside the calendar",
        ),
        (message(tracking=[]), "tracking is not a JSON object"),
        (
            message(tracking=TOKEN | {"taskToken": ""}),
            "tracking.taskToken is missing or not a token",
        ),
        (
            message(tracking=TOKEN | {"taskToken": "\ud800"}),
            "tracking.taskToken is missing or not a token",
        ),
        (
            message(tracking=TOKEN | {"taskToken": "t" * 2049}),
            "tracking.taskToken is missing or not a token",
        ),
        (
            message(tracking=TOKEN | {"attempts": True}),
            "tracking.attempts is not a whole number",
        ),
        (message(tracking=TOKEN | {"attempts": -1}), "tracking.attempts is out of range"),
        (message(tracking=TOKEN | {"attempts": 1_000_001}), "tracking.attempts is out of range"),
        (
            message(tracking=TOKEN | {"firstAttemptAt": None}),
            "tracking.firstAttemptAt is missing",
        ),
        (
            message(tracking=TOKEN | {"firstAttemptAt": "noon"}),
            "tracking.firstAttemptAt is not an ISO 8601 date and time with an offset or Z",
        ),
    ],
)
def test_a_rejection_names_the_field_and_the_fact(body: object, reason: str) -> None:
    rejected = read(a_record(body))
    assert isinstance(rejected, RejectedRecord)
    assert rejected.reason == reason
    assert rejected.further_action == (
        "Correct the event at its source and publish it again with the payment's ids and its "
        "paymentCreateTime; this message will never work as it stands."
    )


@pytest.mark.parametrize(
    "tracking",
    [
        TOKEN | {"taskToken": "t" * 2048},
        TOKEN | {"attempts": 1_000_000},
        TOKEN,
    ],
)
def test_tracking_at_its_bounds_is_taken(tracking: dict[str, Any]) -> None:
    request = read(a_record(message(tracking=tracking)))
    assert isinstance(request, CancelRequest)
    assert request.task_token == tracking["taskToken"]
    assert request.attempt == tracking["attempts"] + 1


def test_an_id_may_hold_any_letter() -> None:
    request = read(a_record(message(paymentRequestId="X-é中")))
    assert isinstance(request, CancelRequest)


@pytest.mark.parametrize("unfit", ["\ufffe", "\uffff"])
def test_what_sqs_refuses_cannot_stand_in_an_id(unfit: str) -> None:
    assert isinstance(read(a_record(message(paymentRequestId=unfit))), RejectedRecord)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("RSA256", "not a list of different name=value pairs"),
        ("keyVersion=1,keyVersion=1", "not a list of different name=value pairs"),
        ("algorithm=RSA512,keyVersion=1,signature=AA", "the algorithm is not RSA256"),
        ("algorithm=RSA256,keyVersion=1", "keyVersion or signature is missing"),
        ("algorithm=RSA256,keyVersion=,signature=AA", "keyVersion or signature is missing"),
        ("algorithm=RSA256,keyVersion=1,signature=*", "the signature is not base64"),
        ("algorithm=RSA256,keyVersion=1,signature=A", "the signature is not base64"),
        ("algorithm=RSA256,keyVersion=1,signature=AB", "the signature is not canonical base64"),
    ],
)
def test_a_signature_header_that_cannot_be_read_says_why(header: str, reason: str) -> None:
    with pytest.raises(SignatureHeaderError) as refusal:
        read_signature_header(header)
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [("noon", "not ISO 8601"), ("0001-01-01T00:00:00+23:59", "outside the calendar")],
)
def test_a_moment_that_cannot_be_read_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as refusal:
        parse_moment(text)
    assert str(refusal.value) == reason


def test_a_moment_is_read_in_utc_plus_8() -> None:
    assert parse_moment("2026-11-22T16:00:00Z").tzinfo == UTC_PLUS_8


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"result": {"resultStatus": "U", "resultCode": "X"}}', ""),
        (
            b'{"result": {"resultStatus": "X", "resultCode": "X"}}',
            "resultStatus is none of S, F, U",
        ),
        (b"", "result.resultStatus or result.resultCode is missing or not a string"),
    ],
)
def test_a_signed_answer_that_decides_nothing_says_why(body: bytes, reason: str) -> None:
    assert read_signed(body).reason == reason


def test_a_name_longer_than_the_reference_allows_is_cut() -> None:
    names = b'"pspId": "%s", "acquirerId": "%s"' % (b"p" * 65, b"a" * 65)
    result = read_signed(b'{"result": {"resultStatus": "S", "resultCode": "OK"}, %s}' % names)
    assert (result.psp_id, result.acquirer_id) == ("p" * 64, "a" * 64)


def test_what_proves_nothing_keeps_its_reason() -> None:
    assert unproven("why").reason == read_unproven(b"", "why").reason == "why"
    assert (no_answer("why").reason, not_sent("why").reason) == ("why", "why")
    assert no_answer("").evidence is Evidence.NO_ANSWER
    assert not_sent("").evidence is Evidence.NOT_SENT


def test_distrust_is_added_to_a_result_and_changes_nothing_else() -> None:
    result = unproven("why", "INVALID_CLIENT")
    distrusted = distrusting(result)
    assert (result.distrusts_keys, distrusted.distrusts_keys) == (False, True)
    assert (distrusted.code, distrusted.reason) == (result.code, result.reason)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_only_python_takes_for_json_is_none(constant: str) -> None:
    fields = '"result": {"resultStatus": "S", "resultCode": "SUCCESS"}, "more": ' + constant
    assert read_signed(("{" + fields + "}").encode()).evidence is Evidence.UNPROVEN
    rejected = read(a_record(f'{{"paymentRequestId": "P1", "more": {constant}}}'))
    assert isinstance(rejected, RejectedRecord)


def test_a_request_and_a_rejection_say_whose_message_they_are() -> None:
    request, rejected = read(a_record(message())), read(a_record("{"))
    assert isinstance(request, CancelRequest)
    assert (request.message_id, request.receipt_handle) == ("message-1", "receipt-1")
    assert rejected.message_id == "message-1"


def test_a_rejection_keeps_the_id_behind_one_that_cannot_be_read() -> None:
    rejected = read(a_record(message(paymentRequestId=7, paymentId="A1")))
    assert isinstance(rejected, RejectedRecord)
    assert rejected.ids == {"paymentId": "A1"}


def test_an_unlisted_failure_is_for_support_and_a_listed_one_is_not() -> None:
    listed, unlisted = further_action("NO_INTERFACE_DEF"), further_action("SOMETHING_NEW")
    assert "gateway URL" in listed
    assert "connect_support@service.alipay.com" in unlisted
