"""Which answers are signed for us by Alipay+: whatever else came proves nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cancel_payment.alipay import answer
from cancel_payment.alipay.answer import Exchange
from cancel_payment.alipay.credentials import Credentials, parse_secret
from cancel_payment.alipay.result import Evidence
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import KeyPair
from tests.support.signer import PATH, RESPONSE_TIME, Signer
from tests.unit.reader import OK, REQUEST, REQUEST_TIME, Reader, body_of, exchanged


@pytest.mark.parametrize("status", [200, 201, 302, 400, 401, 404, 500, 503])
def test_http_status_decides_nothing(read: Reader, status: int) -> None:
    assert read(body_of("F", "PROCESS_FAIL"), status).status == "F"
    refused = read.unsigned(OK, status)
    assert (refused.status, refused.evidence) == ("U", Evidence.UNPROVEN)
    assert refused.reason == f"HTTP {status}: the answer is not signed"


@given(header=st.text(max_size=80), client=st.text(max_size=20), time=st.text(max_size=20))
def test_no_headers_make_reading_raise(
    credentials: Credentials, header: str, client: str, time: str
) -> None:
    headers = {"Signature": header, "Client-Id": client, "Response-Time": time}
    exchange = Exchange(PATH, REQUEST_TIME, REQUEST, 200, headers, OK)
    assert answer.read(exchange, credentials).evidence is Evidence.UNPROVEN


def test_proof_is_all_that_is_needed_to_verify_the_answer_again(
    read: Reader, signer: Signer, secret: dict[str, Any]
) -> None:
    proof = read(OK).proof
    assert proof is not None
    assert (proof.client_id, proof.key_version) == (secret["clientId"], "1")
    assert (proof.request_time, proof.request) == (REQUEST_TIME, REQUEST)
    assert (proof.response_time, proof.response) == (RESPONSE_TIME, OK)
    assert len(proof.signature) == 256


CHANGES: dict[str, tuple[bool, list[tuple[str, str, str]]]] = {
    "the answer is not signed": (
        False,
        [(name, "", "") for name in ("signature", "client-id", "response-time")],
    ),
    "the answer is for another client": (False, [("client-id", "S", "X")]),
    "the signature does not verify with keyVersion 1": (
        True,
        [
            ("response-time", "", "2026-11-22T04:00:00Z"),
            ("signature", "", "keyVersion=1,signature=" + "A" * 342 + "=="),
        ],
    ),
    "the signature cannot be read: the algorithm is not RSA256": (
        False,
        [("signature", "RSA256", "RSA512")],
    ),
    "the secret holds no usable key of keyVersion 2": (True, [("signature", "n=1", "n=2")]),
    "the secret holds no usable key of keyVersion that is no short name": (
        True,
        [("signature", "n=1", f"n={odd}") for odd in ("a b", "x" * 33)],
    ),
}
"""By the reason: whether it distrusts the keys, and changed headers; the part "" is all of one."""


@pytest.mark.parametrize("reason", CHANGES)
def test_changed_header_proves_nothing(read: Reader, reason: str) -> None:
    distrusts, changes = CHANGES[reason]
    signed = read.signer.fields(OK)
    for name, part, by in changes:
        result = read(OK, **{name: signed[name].replace(part, by) if part else by})
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
        reason = "HTTP 200: the answer names no keyVersion, and the secret holds several"
        assert (result.reason, result.distrusts_keys) == (reason, False)
        assert (result.status, result.evidence) == ("U", Evidence.UNPROVEN)
    else:
        assert result.proof is not None
        assert (result.status, result.proof.key_version) == ("S", "1")
