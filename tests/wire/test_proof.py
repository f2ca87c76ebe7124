"""What makes an answer a proof: the signature over its raw bytes, and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cancel_payment.credentials import Credentials, parse_secret
from cancel_payment.model import Evidence, Result
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.conftest import KeyPair
from tests.wire.conftest import SUCCESS, MakePeer, gateway_at, payment
from tests.wire.peer import CONTENT, Signer, Step, signature_header

TIME = "2026-11-22T12:00:00+08:00"
REFUND = b'{"result":{"resultStatus":"F","resultCode":"CANCEL_WINDOW_EXCEED"}}'

type Ask = Callable[[list[Step]], Result]


@pytest.fixture
def ask(peer: MakePeer, credentials: Credentials) -> Ask:
    return lambda answer: gateway_at(peer(answer).url).cancel(payment(), credentials)


def _content(signer: Signer, body: bytes = SUCCESS, time: str = TIME) -> bytes:
    return CONTENT.format(client_id=signer.client_id, time=time).encode() + body


@pytest.mark.parametrize("status", [200, 202, 400, 401, 404, 429, 500, 503])
def test_signed_failure_is_a_failure_on_any_http_status(
    ask: Ask, signer: Signer, status: int
) -> None:
    result = ask(signer.answer(REFUND, status=status))
    assert (result.status, result.code) == ("F", "CANCEL_WINDOW_EXCEED")


@pytest.mark.parametrize("status", [200, 400, 500])
def test_unsigned_success_is_unknown_on_any_http_status(
    ask: Ask, signer: Signer, status: int
) -> None:
    result = ask(signer.answer(SUCCESS, status=status, without="signature"))
    assert (result.status, result.evidence) == ("U", Evidence.UNPROVEN)


@pytest.mark.parametrize("name", ["signature", "client-id", "response-time"])
def test_answer_without_one_of_the_three_headers_proves_nothing(
    ask: Ask, signer: Signer, name: str
) -> None:
    assert ask(signer.answer(SUCCESS, without=name)).evidence is Evidence.UNPROVEN


@pytest.mark.parametrize(
    "time", ["2019-04-04T14:08:56+05:30", "2025-02-21T05:43:09Z", "1732248000000", "noon"]
)
def test_response_time_is_used_verbatim(ask: Ask, signer: Signer, time: str) -> None:
    assert ask(signer.answer(SUCCESS, response_time=time)).status == "S"


@pytest.mark.parametrize(
    "changed",
    [
        {"response-time": "2026-11-22T12:00:01+08:00"},
        {"client-id": "SANDBOX_5Y0000000000000002"},
        {"signature": ""},
        {"signature": "x"},
        {"signature": "algorithm=RSA256,keyVersion=1,signature=AAAA"},
    ],
)
def test_answer_whose_header_was_changed_proves_nothing(
    ask: Ask, signer: Signer, changed: dict[str, str]
) -> None:
    assert ask(signer.answer(SUCCESS, **changed)).evidence is Evidence.UNPROVEN


def test_answer_whose_body_was_changed_proves_nothing(ask: Ask, signer: Signer) -> None:
    (answer,) = signer.answer(SUCCESS)
    assert isinstance(answer, bytes)
    assert ask([answer.replace(b'"S"', b'"F"')]).evidence is Evidence.UNPROVEN


def test_answer_with_white_space_added_behind_the_signed_bytes_proves_nothing(
    ask: Ask, signer: Signer
) -> None:
    header = signature_header(signer.key, _content(signer))
    assert ask(signer.answer(SUCCESS + b"\n", signature=header)).evidence is Evidence.UNPROVEN


@pytest.mark.parametrize(
    "content",
    [
        b"GET /aps/api/v1/payments/cancelPayment\n",
        b"POST /aps/api/v1/payments/inquiryPayment\n",
        b"POST aps/api/v1/payments/cancelPayment\n",
        b"POST /aps/api/v1/payments/cancelPayment\r\n",
        b"",
    ],
)
def test_signature_for_another_call_proves_nothing(
    ask: Ask, signer: Signer, content: bytes
) -> None:
    signed = content + f"{signer.client_id}.{TIME}.".encode() + SUCCESS
    answer = signer.answer(SUCCESS, signature=signature_header(signer.key, signed))
    assert ask(answer).evidence is Evidence.UNPROVEN


def test_success_for_another_client_proves_nothing_though_its_signature_is_good(
    ask: Ask, theirs: KeyPair
) -> None:
    other = Signer(theirs.private, "SANDBOX_SOMEBODY_ELSE")
    assert ask(other.answer(SUCCESS)).evidence is Evidence.UNPROVEN


def test_our_own_signature_proves_nothing(ask: Ask, signer: Signer, ours: KeyPair) -> None:
    mirrored = Signer(ours.private, signer.client_id)
    assert ask(mirrored.answer(SUCCESS)).evidence is Evidence.UNPROVEN


@pytest.mark.parametrize("form", ["{a}, {v}, {s}", "{s},{v},{a}", "{v}, {s},{a}"])
def test_pairs_of_the_signature_may_come_in_any_order(ask: Ask, signer: Signer, form: str) -> None:
    a, v, s = signature_header(signer.key, _content(signer)).split(",")
    assert ask(signer.answer(SUCCESS, signature=form.format(a=a, v=v, s=s))).status == "S"


def test_signature_in_plain_or_url_safe_base64_is_read(ask: Ask, signer: Signer) -> None:
    raw = signer.key.sign(_content(signer), PKCS1v15(), SHA256())
    plain, url_safe = base64.b64encode(raw), base64.urlsafe_b64encode(raw)
    for text in (plain, url_safe, url_safe.rstrip(b"=")):
        header = f"algorithm=RSA256,keyVersion=1,signature={text.decode()}"
        assert ask(signer.answer(SUCCESS, signature=header)).status == "S"


def test_signature_given_twice_proves_nothing(ask: Ask, signer: Signer) -> None:
    header = signature_header(signer.key, _content(signer))
    answer = signer.answer(SUCCESS, Signature=header)
    assert ask(answer).evidence is Evidence.UNPROVEN


def test_key_version_of_the_answer_picks_the_public_key(
    peer: MakePeer, signer: Signer, secret: dict[str, Any], ours: KeyPair, theirs: KeyPair
) -> None:
    both = {"1": ours.spki, "2": theirs.spki}
    keys = parse_secret(json.dumps(secret | {"alipayPublicKeys": both}))
    for version, status in [("2", "S"), ("1", "U")]:
        header = signature_header(signer.key, _content(signer), version)
        url = peer(signer.answer(SUCCESS, signature=header)).url
        assert gateway_at(url).cancel(payment(), keys).status == status


def test_bad_signature_or_unknown_key_version_distrusts_the_keys(
    ask: Ask, signer: Signer, ours: KeyPair
) -> None:
    forged = signature_header(ours.private, _content(signer))
    unknown = signature_header(signer.key, _content(signer), "9")
    assert ask(signer.answer(SUCCESS, signature=forged)).distrusts_keys
    assert ask(signer.answer(SUCCESS, signature=unknown)).distrusts_keys


def test_answer_in_chunks_is_verified_as_a_whole(ask: Ask, signer: Signer) -> None:
    (answer,) = signer.answer(SUCCESS, without="content-length", **{"transfer-encoding": "chunked"})
    assert isinstance(answer, bytes)
    chunks = [b"%x\r\n%s\r\n" % (1, bytes([byte])) for byte in SUCCESS]
    result = ask([answer.removesuffix(SUCCESS) + b"".join(chunks) + b"0\r\n\r\n"])
    assert result.status == "S"
