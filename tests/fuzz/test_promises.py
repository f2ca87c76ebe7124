"""The targets themselves: a reader that breaks a promise is caught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cancel_payment.credentials import CredentialsError
from cancel_payment.model import Evidence, Result
from cancel_payment.payment import CancelRequest, RejectedRecord
from cancel_payment.request import read
from cancel_payment.result import read_signed
from cancel_payment.signing import SignatureHeader

from tests.fuzz import answer, record, secret, signature_header
from tests.fuzz.finding import Finding

BODY = b'{"paymentRequestId": "a", "paymentCreateTime": "2026-11-22T23:41:07+08:00"}'
SIGNED = b'{"result": {"resultStatus": "F", "resultCode": "PROCESS_FAIL"}}'
HEADER = b"algorithm=RSA256,keyVersion=1,signature=AAAA"


READ = read(record.of_body(BODY.decode()))
assert isinstance(READ, CancelRequest)


@pytest.mark.parametrize(
    "lie",
    [
        {"payment": replace(READ.payment, payment_request_id="a" * 65)},
        {"payment": replace(READ.payment, payment_request_id="b")},
        {"payment": replace(READ.payment, payment_request_id=None)},
        {"payment": replace(READ.payment, create_time="2026-11-22T23:41:07Z")},
        {"cutoff_at": READ.first_attempt_at},
        {"attempt": 4},
        {"task_token": "token"},
        {"body": "{}"},
    ],
)
def test_a_request_that_does_not_say_what_the_message_says_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, lie: Mapping[str, Any]
) -> None:
    record.check(BODY)
    monkeypatch.setattr("tests.fuzz.record.read_record", lambda _: replace(READ, **lie))
    with pytest.raises(Finding):
        record.check(BODY)


def test_a_good_message_that_is_rejected_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    rejected = RejectedRecord("message", BODY.decode(), "no", "none")
    monkeypatch.setattr("tests.fuzz.record.read_record", lambda _: rejected)
    with pytest.raises(Finding):
        record.check(BODY)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"result": {"resultStatus": "S"}}', SIGNED])
def test_an_answer_that_becomes_s_without_saying_so_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    cancelled = Result("S", Evidence.SIGNED, code="SUCCESS")
    monkeypatch.setattr("tests.fuzz.answer.read_signed", lambda _: cancelled)
    with pytest.raises(Finding):
        answer.check(body)


def test_an_unproven_answer_that_is_believed_is_a_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.fuzz.answer.read_unproven", lambda body, _: read_signed(body))
    with pytest.raises(Finding):
        answer.check(SIGNED)


@pytest.mark.parametrize(("version", "signature"), [("2", bytes(3)), ("1", b""), ("1", b"abc")])
def test_a_header_that_is_read_as_another_one_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, version: str, signature: bytes
) -> None:
    read = SignatureHeader(version, signature)
    monkeypatch.setattr("tests.fuzz.signature_header.read_signature_header", lambda _: read)
    with pytest.raises(Finding):
        signature_header.check(HEADER)


@pytest.mark.parametrize("error", [CredentialsError("no: some-key-bytes"), ValueError("json")])
def test_an_error_of_the_secret_in_other_words_or_of_another_kind_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def parse(_: str) -> None:
        raise error

    monkeypatch.setattr("tests.fuzz.secret.parse_secret", parse)
    with pytest.raises((Finding, ValueError)):
        secret.check(b"{}")
