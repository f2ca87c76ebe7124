"""What an answer proves, by its status first and its code second."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cancel_payment.model import Evidence
from cancel_payment.result import no_answer, not_sent, read_signed, read_unproven
from hypothesis import given
from hypothesis import strategies as st


def _body(status: object, code: object, **fields: object) -> bytes:
    return json.dumps({"result": {"resultStatus": status, "resultCode": code}} | fields).encode()


@pytest.mark.parametrize(
    ("status", "code", "known"),
    [
        ("S", "SUCCESS", "S"),
        ("S", "SOMETHING_NEW", "S"),
        ("F", "CANCEL_WINDOW_EXCEED", "F"),
        ("F", "PROCESS_FAIL", "F"),
        ("F", "ACCESS_DENIED", "F"),
        ("U", "ACCESS_DENIED", "U"),
        ("F", "KEY_NOT_FOUND", "F"),
        ("U", "KEY_NOT_FOUND", "U"),
        ("F", "ORDER_STATUS_INVALID", "F"),
        ("U", "ORDER_STATUS_INVALID", "U"),
        ("U", "UNKNOWN_EXCEPTION", "U"),
        ("U", "REQUEST_TRAFFIC_EXCEED_LIMIT", "U"),
        ("F", "UNKNOWN_EXCEPTION", "F"),
        ("U", "SUCCESS", "U"),
        ("U", "CANCEL_WINDOW_EXCEED", "U"),
        ("X", "SUCCESS", "U"),
        ("s", "SUCCESS", "U"),
        ("SUCCESS", "SUCCESS", "U"),
    ],
)
def test_status_decides_first_and_only_s_and_f_are_known(
    status: str, code: str, known: str
) -> None:
    result = read_signed(_body(status, code))
    assert (result.status, result.code, result.evidence) == (known, code, Evidence.SIGNED)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff<{]",
        b"<html></html>",
        b"null",
        b"[]",
        b"{}",
        b'"S"',
        b'{"result":null}',
        b'{"result":"S"}',
        b'{"result":[]}',
        b'{"resultStatus":"S","resultCode":"SUCCESS"}',
        b'{"result":{"resultCode":"SUCCESS"}}',
        b'{"result":{"resultStatus":"S"}}',
        _body(1, "SUCCESS"),
        _body("F", 5),
        _body(None, "SUCCESS"),
        _body("S", None),
        _body(["S"], "SUCCESS"),
        _body("", "SUCCESS"),
        _body("S", ""),
        _body("S", "SUCCESS")[:-1],
        b"\xef\xbb\xbf\xff" + _body("S", "SUCCESS"),
        b"[" * 60_000,
        b'{"result":' * 10_000,
    ],
)
def test_signed_answer_without_both_required_fields_proves_nothing(body: bytes) -> None:
    result = read_signed(body)
    assert (result.status, result.evidence, result.code) == ("U", Evidence.UNPROVEN, None)


def test_optional_fields_are_kept_where_they_are_strings() -> None:
    body = {
        "result": {"resultStatus": "S", "resultCode": "SUCCESS", "resultMessage": "success"},
        "pspId": "P",
        "acquirerId": "A",
    }
    result = read_signed(json.dumps(body).encode())
    assert (result.message, result.psp_id, result.acquirer_id) == ("success", "P", "A")


@pytest.mark.parametrize("value", [None, 5, [], {}, "", False])
def test_optional_field_of_another_type_does_not_change_what_is_proven(value: object) -> None:
    result = read_signed(_body("S", "SUCCESS", pspId=value, acquirerId=value))
    assert (result.status, result.psp_id, result.acquirer_id) == ("S", None, None)


def test_texts_longer_than_the_reference_allows_are_cut() -> None:
    body: dict[str, Any] = {
        "result": {"resultStatus": "F", "resultCode": "X" * 500, "resultMessage": "y" * 500},
        "pspId": "z" * 500,
    }
    result = read_signed(json.dumps(body).encode())
    lengths = [len(text or "") for text in (result.code, result.message, result.psp_id)]
    assert (result.status, lengths) == ("F", [64, 256, 64])


def test_lone_surrogate_in_a_text_cannot_break_an_event() -> None:
    result = read_signed(_body("F", "A\ud800B", pspId="\udfff"))
    assert (result.code or "").encode() and (result.psp_id or "").encode()


@pytest.mark.parametrize("code", ["INVALID_SIGNATURE", "KEY_NOT_FOUND"])
@pytest.mark.parametrize("status", ["F", "U"])
def test_signed_or_not_a_code_about_our_key_distrusts_the_keys(status: str, code: str) -> None:
    body = _body(status, code)
    assert read_signed(body).distrusts_keys
    assert read_unproven(body, "unsigned").distrusts_keys


@pytest.mark.parametrize("code", ["SUCCESS", "PROCESS_FAIL", "INVALID_CLIENT", "UNKNOWN_EXCEPTION"])
def test_other_codes_do_not_distrust_the_keys(code: str) -> None:
    assert not read_signed(_body("F", code)).distrusts_keys


@pytest.mark.parametrize("code", ["INVALID_SIGNATURE", "KEY_NOT_FOUND", "INVALID_CLIENT"])
@pytest.mark.parametrize("status", ["S", "F", "U"])
def test_unsigned_code_about_our_configuration_is_kept_as_a_diagnosis_only(
    status: str, code: str
) -> None:
    result = read_unproven(_body(status, code), "not signed")
    assert (result.status, result.evidence, result.code) == ("U", Evidence.UNPROVEN, code)


@pytest.mark.parametrize(
    "code", ["SUCCESS", "CANCEL_WINDOW_EXCEED", "PROCESS_FAIL", "REQUEST_TRAFFIC_EXCEED_LIMIT"]
)
@pytest.mark.parametrize("status", ["S", "F", "U"])
def test_any_other_unsigned_answer_says_nothing_at_all(status: str, code: str) -> None:
    result = read_unproven(_body(status, code, pspId="P"), "not signed")
    assert (result.status, result.evidence, result.code) == ("U", Evidence.UNPROVEN, None)
    assert (result.message, result.psp_id) == (None, None)


@given(st.binary(max_size=300))
def test_no_bytes_make_reading_raise(body: bytes) -> None:
    assert read_unproven(body, "not signed").status == "U"
    assert read_signed(body).status == "U"


def test_what_was_not_answered_or_not_sent_is_unknown() -> None:
    assert (no_answer("x").status, no_answer("x").evidence) == ("U", Evidence.NO_ANSWER)
    assert (not_sent("x").status, not_sent("x").evidence) == ("U", Evidence.NOT_SENT)
