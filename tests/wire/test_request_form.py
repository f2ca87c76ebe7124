"""What one attempt puts on the wire, byte by byte."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from cancel_payment.credentials import Credentials, parse_secret
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.conftest import KeyPair
from tests.wire.conftest import SUCCESS, MakePeer, gateway_at, payment
from tests.wire.peer import CONTENT, Peer, Received, Signer

NIGHT = datetime(2026, 11, 22, 16, 30, 5, 999_999, UTC)


@pytest.fixture
def listener(peer: MakePeer, signer: Signer) -> Peer:
    return peer(signer.answer(SUCCESS))


def _sent(listener: Peer, keys: Credentials, *ids: str | None) -> Received:
    result = gateway_at(listener.url, clock=lambda: NIGHT).cancel(payment(*ids), keys)
    assert result.status == "S"
    (request,) = listener.requests
    return request


def _verifies(request: Received, ours: KeyPair) -> bool:
    (header,), (time,) = request.values("Signature"), request.values("Request-Time")
    (client_id,) = request.values("Client-Id")
    text = header.partition("signature=")[2]
    signature = base64.b64decode(unquote_to_bytes(text), validate=True)
    content = CONTENT.format(client_id=client_id, time=time).encode() + request.body
    ours.private.public_key().verify(signature, content, PKCS1v15(), SHA256())
    return True


def test_request_is_a_post_to_the_path_of_the_call(
    listener: Peer, credentials: Credentials
) -> None:
    request = _sent(listener, credentials, "P1")
    assert request.line == "POST /aps/api/v1/payments/cancelPayment HTTP/1.1"


def test_headers_are_those_of_the_contract(
    listener: Peer, credentials: Credentials, secret: dict[str, Any]
) -> None:
    request = _sent(listener, credentials, "P1")
    assert request.values("Client-Id") == [secret["clientId"]]
    assert request.values("Content-Type") == ["application/json; charset=UTF-8"]
    form = r"algorithm=RSA256,keyVersion=1,signature=(?:[A-Za-z0-9]|%2B|%2F|%3D)+"
    assert re.fullmatch(form, request.values("Signature")[0])


def test_request_time_is_iso_8601_with_the_offset_of_utc_8(
    listener: Peer, credentials: Credentials
) -> None:
    (text,) = _sent(listener, credentials, "P1").values("Request-Time")
    assert re.fullmatch(r"2026-11-23T00:30:05(\.\d{1,6})?\+08:00", text)


def test_signature_verifies_over_the_bytes_sent(
    listener: Peer, credentials: Credentials, ours: KeyPair
) -> None:
    assert _verifies(_sent(listener, credentials, "支付-1", "é"), ours)


@pytest.mark.parametrize(
    ("ids", "body"),
    [
        (("P1", None), {"paymentRequestId": "P1"}),
        ((None, "Q1"), {"paymentId": "Q1"}),
        (("P1", "Q1"), {"paymentRequestId": "P1", "paymentId": "Q1"}),
    ],
)
def test_body_holds_the_given_ids_and_nothing_else(
    listener: Peer, credentials: Credentials, ids: tuple[str | None, ...], body: dict[str, str]
) -> None:
    assert json.loads(_sent(listener, credentials, *ids).body) == body


def test_no_agent_token_is_sent_unless_the_secret_has_one(
    listener: Peer, credentials: Credentials
) -> None:
    assert _sent(listener, credentials, "P1").values("Agent-Token") == []


def test_agent_token_is_sent_but_not_signed(
    listener: Peer, secret: dict[str, Any], ours: KeyPair
) -> None:
    request = _sent(listener, parse_secret(json.dumps(secret)), "P1")
    assert request.values("Agent-Token") == [secret["agentToken"]]
    assert _verifies(request, ours)


def test_each_attempt_has_the_same_body_and_a_fresh_time_and_signature(
    listener: Peer, credentials: Credentials, ours: KeyPair
) -> None:
    moments = iter([NIGHT, NIGHT + timedelta(seconds=6)])
    gateway = gateway_at(listener.url, clock=lambda: next(moments))
    for _ in range(2):
        gateway.cancel(payment("P1", "Q1"), credentials)
    first, second = listener.requests
    assert first.body == second.body
    assert first.values("Request-Time") != second.values("Request-Time")
    assert first.values("Signature") != second.values("Signature")
    assert _verifies(second, ours)


def test_key_version_of_the_secret_is_named(listener: Peer, secret: dict[str, Any]) -> None:
    request = _sent(listener, parse_secret(json.dumps(secret | {"keyVersion": "7"})), "P1")
    assert "keyVersion=7," in request.values("Signature")[0]
