"""What an answer proves: the signature first, the words after; and that no bytes make it raise."""

from __future__ import annotations

import json

import pytest
from cancel_payment.alipay.result import Evidence, no_answer, not_sent, not_signed, unproven
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.reader import OK, Reader, body_of


@pytest.mark.parametrize(
    ("status", "code", "known", "reason"),
    [
        ("S", "SUCCESS", "S", ""),
        ("S", "SOMETHING_NEW", "S", ""),
        ("F", "CANCEL_WINDOW_EXCEED", "F", ""),
        ("F", "ACCESS_DENIED", "F", ""),
        ("U", "ACCESS_DENIED", "U", ""),
        ("U", "UNKNOWN_EXCEPTION", "U", ""),
        ("U", "SUCCESS", "U", ""),
        ("X", "SUCCESS", "U", "resultStatus is none of S, F, U"),
        ("s", "SUCCESS", "U", "resultStatus is none of S, F, U"),
        ("SUCCESS", "SUCCESS", "U", "resultStatus is none of S, F, U"),
    ],
)
def test_status_decides_first_and_only_s_and_f_are_known(
    read: Reader, status: str, code: str, known: str, reason: str
) -> None:
    result = read(body_of(status, code))
    assert (result.status, result.code, result.evidence) == (known, code, Evidence.SIGNED)
    assert (result.reason, result.unsigned) == (reason, False)


NO_FIELDS = "result.resultStatus or result.resultCode is missing or not a plain string"


WITHOUT_FIELDS = [b"", b"\x00\xff<{]", b"<html></html>", b"null", b"[]", b"{}", b"[" * 60_000]
WITHOUT_FIELDS += [b'{"result":%s}' % value for value in (b"null", b'"S"', b"[]")]
WITHOUT_FIELDS += [b'{"resultStatus":"S","resultCode":"SUCCESS"}', b'{"result":' * 10_000]
WITHOUT_FIELDS += [b'{"result":{"resultCode":"SUCCESS"}}', b'{"result":{"resultStatus":"S"}}']
WITHOUT_FIELDS += [body_of(status, "SUCCESS") for status in (1, None, ["S"], "", "S\ufffd")]
WITHOUT_FIELDS += [
    body_of("S", code) for code in (5, None, "", "SUC\u200bCESS", "SUC\ud800CESS", "SUC\nCESS")
]
WITHOUT_FIELDS += [OK.replace(b"SUCCESS", b"SUC\xffCESS"), OK[:-1], OK + OK]
WITHOUT_FIELDS += [OK[:-1] + b',"more":NaN}']


@pytest.mark.parametrize("body", WITHOUT_FIELDS, ids=range(len(WITHOUT_FIELDS)))
def test_signed_answer_without_both_required_fields_proves_nothing(
    read: Reader, body: bytes
) -> None:
    result = read(body)
    assert (result.status, result.evidence, result.code) == ("U", Evidence.UNPROVEN, None)
    assert (result.reason, result.proof) == (NO_FIELDS, None)


MESSAGE = '{"result":{"resultStatus":"S","resultCode":"SUCCESS","resultMessage":"%s"},"pspId":"P"}'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ((MESSAGE % "fine").encode("utf-8-sig"), "fine"),
        ((MESSAGE % "a\nb\x00c").encode(), "a\nb\x00c"),
        ((MESSAGE % "X").encode().replace(b"X", b"\xff\xfe"), "\ufffd\ufffd"),
        ((MESSAGE % r"\ud800").encode(), "\ufffd"),
        # "成功" in GBK is no UTF-8; the second byte of "誠" in GBK is a backslash.
        ((MESSAGE % "成功").encode("gbk"), None),
        ((MESSAGE % "誠").encode("gb18030"), None),
        ((MESSAGE % ("9" * 20)).replace(f'"{"9" * 20}"', "9" * 5000).encode(), None),
    ],
)
def test_what_is_proven_is_not_thrown_away_for_its_human_text(
    read: Reader, body: bytes, message: str | None
) -> None:
    result = read(body)
    assert (result.status, result.code, result.psp_id) == ("S", "SUCCESS", "P")
    assert result.evidence is Evidence.SIGNED
    if message is not None:
        assert result.message == message
    (result.message or "").encode()


@pytest.mark.parametrize(
    ("code", "kept", "distrusts"),
    [
        ("INVALID_SIGNATURE", True, True),
        ("KEY_NOT_FOUND", True, True),
        ("INVALID_CLIENT", True, False),
        ("SUCCESS", False, False),
        ("CANCEL_WINDOW_EXCEED", False, False),
        ("REQUEST_TRAFFIC_EXCEED_LIMIT", False, False),
    ],
)
@pytest.mark.parametrize("status", ["S", "F", "U"])
def test_unsigned_code_is_kept_only_as_a_diagnosis_of_our_configuration(
    read: Reader, status: str, code: str, kept: bool, distrusts: bool
) -> None:
    signed = read(body_of(status, code))
    assert (signed.status, signed.evidence) == (status, Evidence.SIGNED)
    assert signed.distrusts_keys == distrusts
    result = read.unsigned(body_of(status, code, "text", pspId="P"), 401)
    assert (result.status, result.evidence) == ("U", Evidence.UNPROVEN)
    assert (result.code, result.distrusts_keys) == (code if kept else None, distrusts)
    assert (result.message, result.psp_id, result.proof) == (None, None, None)


def test_what_was_not_answered_not_sent_or_not_signed_is_unknown_with_its_reason() -> None:
    made = [no_answer("a"), not_sent("b"), not_signed("c")]
    assert [one.status for one in made] == ["U"] * 3
    assert [one.reason for one in made] == ["a", "b", "c"]
    assert [one.unsigned for one in made] == [False, False, True]
    evidence = [Evidence.NO_ANSWER, Evidence.NOT_SENT, Evidence.NOT_SENT]
    assert [one.evidence for one in made] == evidence
    refused = unproven("why")
    assert (refused.evidence, refused.reason, refused.code) == (Evidence.UNPROVEN, "why", None)


bodies = st.binary(max_size=200) | st.text(max_size=80).map(
    lambda text: OK.replace(b"SUCCESS", json.dumps(text).encode()[1:-1])
)


@given(body=bodies)
def test_no_body_makes_reading_raise_and_without_proof_none_decides(
    read: Reader, body: bytes
) -> None:
    assert read.unsigned(body).status == "U"
    assert read(body).status in {"S", "U"}


@pytest.mark.parametrize("depth", [20_000, 32_000])
def test_unknown_field_decides_nothing_however_deep_it_is(read: Reader, depth: int) -> None:
    deep = b'{"more":' + b"[" * depth + b"]" * depth + b"," + OK[1:]
    assert (read(deep).status, read(deep).evidence) == ("S", Evidence.SIGNED)


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("text", ("text",) * 3),
        ("x" * 300, ("x" * 256, "x" * 64, "x" * 64)),
        *((value, (None,) * 3) for value in (None, 5, [], {}, "", False)),
    ],
)
def test_optional_texts_are_kept_cut_to_the_lengths_of_the_reference(
    read: Reader, value: object, known: tuple[str | None, ...]
) -> None:
    result = read(body_of("F", "C" * 65, value, pspId=value, acquirerId=value))
    assert (result.status, result.code) == ("F", "C" * 64)
    assert (result.message, result.psp_id, result.acquirer_id) == known
