"""What an answer proves: the signature first, the words after; and that no bytes make it raise."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from cancel_payment.alipay import answer
from cancel_payment.alipay.answer import Exchange
from cancel_payment.alipay.credentials import Credentials, parse_secret
from cancel_payment.alipay.result import Evidence, Result, no_answer, not_sent, not_signed, unproven
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import KeyPair
from tests.support.signer import PATH, RESPONSE_TIME, Signer, signature_header

REQUEST = b'{"paymentRequestId":"P1"}'
REQUEST_TIME = "2026-11-22T12:00:00+08:00"
OK = b'{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}'


@pytest.fixture(scope="module")
def credentials(secret: dict[str, Any]) -> Credentials:
    return parse_secret(json.dumps(secret))


@pytest.fixture(scope="module")
def signer(theirs: KeyPair, secret: dict[str, Any]) -> Signer:
    return Signer(theirs.private, secret["clientId"])


def exchanged(body: bytes, fields: dict[str, str], status: int = 200) -> Exchange:
    headers = httpx.Headers(fields)
    return Exchange(PATH, REQUEST_TIME, REQUEST, status, headers, body)


class Reader:
    """Reads answers, signed unless `fields` say otherwise."""

    def __init__(self, signer: Signer, credentials: Credentials) -> None:
        self.signer, self.credentials = signer, credentials

    def __call__(self, body: bytes, status: int = 200, **fields: str) -> Result:
        signed = self.signer.fields(body) | {
            name.replace("_", "-"): value for name, value in fields.items()
        }
        return answer.read(exchanged(body, signed, status), self.credentials)

    def unsigned(self, body: bytes, status: int = 200) -> Result:
        return answer.read(exchanged(body, {}, status), self.credentials)


@pytest.fixture(scope="module")
def read(signer: Signer, credentials: Credentials) -> Reader:
    return Reader(signer, credentials)


def body_of(status: object, code: object, message: object = None, **fields: object) -> bytes:
    result = {"resultStatus": status, "resultCode": code, "resultMessage": message}
    return json.dumps({"result": result} | fields).encode()


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


@pytest.mark.parametrize("status", [200, 201, 302, 400, 401, 404, 500, 503])
def test_http_status_decides_nothing(read: Reader, status: int) -> None:
    assert read(body_of("F", "PROCESS_FAIL"), status).status == "F"
    refused = read.unsigned(OK, status)
    assert (refused.status, refused.evidence) == ("U", Evidence.UNPROVEN)
    assert refused.reason == f"HTTP {status}: the answer is not signed"


NO_FIELDS = "result.resultStatus or result.resultCode is missing or not a plain string"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff<{]",
        b"<html></html>",
        b"null",
        b"[]",
        b"{}",
        b'{"result":null}',
        b'{"result":"S"}',
        b'{"result":[]}',
        b'{"resultStatus":"S","resultCode":"SUCCESS"}',
        b'{"result":{"resultCode":"SUCCESS"}}',
        b'{"result":{"resultStatus":"S"}}',
        body_of(1, "SUCCESS"),
        body_of("F", 5),
        body_of(None, "SUCCESS"),
        body_of("S", None),
        body_of(["S"], "SUCCESS"),
        body_of("", "SUCCESS"),
        body_of("S", ""),
        body_of("S", "SUC\u200bCESS"),
        body_of("S", "SUC\ud800CESS"),
        body_of("S", "SUC\nCESS"),
        body_of("S\ufffd", "SUCCESS"),
        OK.replace(b"SUCCESS", b"SUC\xffCESS"),
        OK[:-1],
        OK + OK,
        OK[:-1] + b',"more":NaN}',
        b"[" * 60_000,
        b'{"result":' * 10_000,
    ],
)
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


@given(header=st.text(max_size=80), client=st.text(max_size=20), time=st.text(max_size=20))
def test_no_headers_make_reading_raise(
    credentials: Credentials, header: str, client: str, time: str
) -> None:
    headers = {"Signature": header, "Client-Id": client, "Response-Time": time}
    exchange = Exchange(PATH, REQUEST_TIME, REQUEST, 200, headers, OK)
    assert answer.read(exchange, credentials).evidence is Evidence.UNPROVEN


def test_signature_over_an_empty_response_time_proves_nothing(read: Reader, signer: Signer) -> None:
    content = f"POST {PATH}\n{signer.client_id}..".encode() + OK
    signature = signature_header(signer.key, content)
    refused = read(OK, **{"response-time": "", "signature": signature})
    assert (refused.status, refused.evidence) == ("U", Evidence.UNPROVEN)


@pytest.mark.parametrize("depth", [20_000, 32_000])
def test_unknown_field_decides_nothing_however_deep_it_is(read: Reader, depth: int) -> None:
    deep = b'{"more":' + b"[" * depth + b"]" * depth + b"," + OK[1:]
    assert (read(deep).status, read(deep).evidence) == ("S", Evidence.SIGNED)


def test_proof_is_all_that_is_needed_to_verify_the_answer_again(
    read: Reader, signer: Signer, secret: dict[str, Any]
) -> None:
    proof = read(OK).proof
    assert proof is not None
    assert (proof.client_id, proof.key_version) == (secret["clientId"], "1")
    assert (proof.request_time, proof.request) == (REQUEST_TIME, REQUEST)
    assert (proof.response_time, proof.response) == (RESPONSE_TIME, OK)
    assert len(proof.signature) == 256


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


UNSIGNED = "the answer is not signed"
UNVERIFIED = "the signature does not verify with keyVersion 1"
OTHER_KEY = "the secret holds no usable key of keyVersion "
Header = Callable[[str], str]
CHANGES: list[tuple[str, Header, str, bool]] = [
    *((name, lambda _: "", UNSIGNED, False) for name in ("signature", "client-id")),
    ("response-time", lambda _: "", UNSIGNED, False),
    ("client-id", lambda one: one + "x", "the answer is for another client", False),
    ("response-time", lambda _: "2026-11-22T04:00:00Z", UNVERIFIED, True),
    ("signature", lambda _: "signature=" + "A" * 342 + "==", UNVERIFIED, True),
    (
        "signature",
        lambda one: one.replace("RSA256", "RSA512"),
        "the signature cannot be read: the algorithm is not RSA256",
        False,
    ),
    ("signature", lambda one: one.replace("n=1", "n=2"), f"{OTHER_KEY}2", True),
    *(
        (
            "signature",
            lambda one, odd=odd: one.replace("n=1", f"n={odd}"),
            f"{OTHER_KEY}that is no short name",
            True,
        )
        for odd in ("a b", "x" * 33)
    ),
]


@pytest.mark.parametrize(("name", "change", "reason", "distrusts"), CHANGES)
def test_changed_header_proves_nothing(
    read: Reader, name: str, change: Header, reason: str, distrusts: bool
) -> None:
    result = read(OK, **{name: change(read.signer.fields(OK)[name])})
    assert (result.status, result.evidence) == ("U", Evidence.UNPROVEN)
    assert (result.reason, result.distrusts_keys) == (f"HTTP 200: {reason}", distrusts)


@given(place=st.integers(0, len(OK) - 1), bit=st.integers(0, 7), added=st.binary(max_size=2))
def test_no_bit_of_the_body_can_be_changed(
    read: Reader, place: int, bit: int, added: bytes
) -> None:
    body = bytearray(OK)
    body[place] ^= 1 << bit
    for changed in (bytes(body) + added, OK[:place], OK + added + b" "):
        result = answer.read(exchanged(changed, read.signer.fields(OK)), read.credentials)
        assert (result.status, result.evidence) == ("U", Evidence.UNPROVEN)


def test_answer_to_another_call_or_signed_by_ourselves_proves_nothing(
    read: Reader, signer: Signer, ours: KeyPair
) -> None:
    elsewhere = replace(exchanged(OK, signer.fields(OK)), path="/aps/api/v1/payments/refund")
    by_us = Signer(ours.private, signer.client_id)
    for exchange in (elsewhere, exchanged(OK, by_us.fields(OK))):
        assert answer.read(exchange, read.credentials).evidence is Evidence.UNPROVEN


@pytest.mark.parametrize("second", [None, "weak", "ours"])
def test_answer_that_names_no_version_is_verified_by_the_only_usable_key(
    second: str | None, signer: Signer, secret: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    keys = dict(secret["alipayPublicKeys"])
    if second:
        keys["2"] = request.getfixturevalue(second).spki
    credentials = parse_secret(json.dumps(secret | {"alipayPublicKeys": keys}))
    fields = signer.fields(OK)
    assert answer.read(exchanged(OK, fields), credentials).status == "S"
    fields["signature"] = fields["signature"].replace("keyVersion=1,", "")
    result = answer.read(exchanged(OK, fields), credentials)
    if second == "ours":
        assert (result.status, result.evidence) == ("U", Evidence.UNPROVEN)
        assert (result.reason, result.distrusts_keys) == (
            "HTTP 200: the answer names no keyVersion, and the secret holds several",
            False,
        )
    else:
        assert result.status == "S"
        assert result.proof is not None
        assert result.proof.key_version == "1"
