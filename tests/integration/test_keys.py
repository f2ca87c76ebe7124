"""Which keys sign and verify: rotation without a gap, forged answers, a key that stays in KMS."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.conftest import KeyPair
from tests.integration.conftest import Environment, Lab, ids
from tests.support.aws import AwsDouble
from tests.support.function import Function
from tests.support.gateway import Gateway
from tests.support.records import message, record
from tests.support.signer import Signer, by_payment


def put(aws: AwsDouble, **fields: Any) -> None:
    aws.secret = json.dumps(json.loads(aws.secret) | fields)


def attempt(function: Function) -> bool:
    """Whether a payment was cancelled."""
    return function(record(message("P"))) == []


def test_rotated_public_key_is_used_by_the_next_attempt(lab: Lab, ours: KeyPair) -> None:
    assert attempt(lab.function)
    rotated = Signer(ours.private, lab.signer.client_id)  # as if it were Alipay+'s next pair
    lab.gateway.answer = by_payment(rotated, {})
    put(lab.aws, alipayPublicKeys={"1": ours.spki})
    assert [attempt(lab.function), attempt(lab.function)] == [False, True]
    assert len(lab.aws.of("GetSecretValue")) == 2


@pytest.mark.parametrize("kind", ["refused", "broken"])
def test_payments_stay_unknown_while_the_secret_cannot_be_used_and_are_cancelled_afterwards(
    kind: str, lab: Lab
) -> None:
    good, lab.aws.secret = lab.aws.secret, "{}"
    if kind == "refused":
        lab.aws.fail("GetSecretValue", "AccessDeniedException")
    sent = record(message("P"))
    assert lab.function(sent, record("not JSON")) == ids(sent)
    assert len(lab.aws.dead_letters) == 1
    assert sum(lab.function.metrics["Attempts"]) == 0
    assert sum(lab.function.metrics["KeysRefused"]) == 1
    (line,) = lab.logged(message="no call can be signed")
    fact = "Secrets Manager says: AccessDeniedException" if kind == "refused" else "clientId"
    assert fact in line["reason"]
    lab.aws.replies.clear()
    lab.aws.secret = good
    assert attempt(lab.function)
    assert lab.gateway.asked == ["P"]


def test_one_unusable_public_key_costs_that_version_alone_and_loudly(
    lab: Lab, secret: dict[str, Any], ours: KeyPair
) -> None:
    put(lab.aws, alipayPublicKeys=secret["alipayPublicKeys"] | {"9": ours.pkcs8})
    assert attempt(lab.function)
    (line,) = lab.logged(level="ERROR")
    assert line["reason"] == (
        "alipayPublicKeys.9 is a private key, where Alipay+'s public one belongs"
    )


def test_kms_signs_in_the_place_of_a_key_in_the_secret(
    fresh: Environment, gateway: Gateway, aws: AwsDouble, ours: KeyPair, ours_in_kms: dict[str, str]
) -> None:
    with fresh(gateway.url, **ours_in_kms) as function:
        assert attempt(function)
    (sent,) = gateway.requests
    client, moment = (sent.values(name)[0] for name in ("Client-Id", "Request-Time"))
    content = f"POST {sent.line.split()[1]}\n{client}.{moment}.".encode() + sent.body
    header = sent.values("Signature")[0]
    signature = base64.b64decode(unquote(header.partition("signature=")[2]))
    ours.private.public_key().verify(signature, content, PKCS1v15(), SHA256())
    assert [call["KeyId"] for call in aws.of("Sign")] == list(ours_in_kms.values())


@pytest.mark.parametrize("how", ["AccessDeniedException", "ThrottlingException", "slow"])
def test_signature_that_kms_does_not_give_is_an_unknown_that_was_not_sent(
    how: str, fresh: Environment, gateway: Gateway, aws: AwsDouble, ours_in_kms: dict[str, str]
) -> None:
    if how == "slow":
        aws.delay("Sign", 3)
    else:
        aws.fail("Sign", how)
    sent = record(message("P"))
    with fresh(gateway.url, **ours_in_kms) as function:
        assert function(sent, record("not JSON")) == ids(sent)
    assert len(aws.of("Sign")) == 1
    assert (gateway.asked, len(aws.dead_letters)) == ([], 1)
    assert sum(function.metrics["Attempts"]) == 0
    assert sum(function.metrics["KeysRefused"]) == 1
    assert function.seconds < 6
    (line,) = [one for one in function.logs if one["message"] == "cancel not sent"]
    assert line["reason"].endswith("ReadTimeoutError" if how == "slow" else "ClientError")
