"""The secret: every fault named at once, and never a value; and the key of KMS that signs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cancel_payment.alipay.credentials import parse_secret
from cryptography.hazmat.primitives.asymmetric import rsa

from doctor.alipay import secret as subject
from doctor.alipay import signing_key
from doctor.finding import Finding
from tests.conftest import KeyPair, bare
from tests.doctor.conftest import ACCOUNT, summary

PRODUCTION = "https://open-sea-global.alipayplus.com"
SANDBOX = "https://sandbox.example.com"
LOOPBACK = "http://127.0.0.1:8080"

type Secret = dict[str, Any]


def judged(secret: Secret, url: str = LOOPBACK, kms: bool = False) -> list[Finding]:
    return list(subject.judge(json.dumps(secret), url, kms_signs=kms))


@pytest.mark.parametrize("form", ["pkcs8", "pkcs1", "bare"])
def test_secret_that_the_function_can_use_is_well(secret: Secret, ours: KeyPair, form: str) -> None:
    private = bare(ours.pkcs8) if form == "bare" else getattr(ours, form)
    assert summary(judged(secret | {"privateKey": private})) == {("OK", "secret")}


def test_all_faults_are_named_at_once(secret: Secret, weak: KeyPair) -> None:
    required = ("clientId", "keyVersion", "privateKey")
    assert summary(judged({})) == {
        ("WRONG", f"secret {name}") for name in (*required, "alipayPublicKeys")
    }
    keys = secret["alipayPublicKeys"] | {"2": "no key"}
    wrong = {"clientId": "SANDBOX_\n1", "privateKey": weak.pkcs8, "agentToken": 7}
    # One of Alipay+'s keys that cannot be used costs that key alone.
    assert summary(judged(wrong | {"alipayPublicKeys": keys})) == {
        ("WARNING", "secret alipayPublicKeys"),
        *(("WRONG", f"secret {name}") for name in (*required, "agentToken")),
    }


def test_key_that_signs_but_whose_prime_is_none_is_wrong(secret: Secret, ours: KeyPair) -> None:
    # The function only looks whether its signature verifies, as this one's does.
    of = ours.private.private_numbers()
    p, q = of.p * of.p, of.q
    order = of.p * (of.p - 1) * (q - 1)
    d = pow(65537, -1, order)
    public = rsa.RSAPublicNumbers(65537, p * q)
    halves = (d % (of.p * (of.p - 1)), d % (q - 1), pow(q, -1, p))
    numbers = rsa.RSAPrivateNumbers(p, q, d, *halves, public)
    key = KeyPair(numbers.private_key(unsafe_skip_rsa_key_validation=True))
    assert parse_secret(json.dumps(secret | {"privateKey": key.pkcs8})).signer.sign(b"it signs")
    assert summary(judged(secret | {"privateKey": key.pkcs8})) >= {("WRONG", "secret privateKey")}


def test_each_of_alipays_keys_is_judged(
    secret: Secret, theirs: KeyPair, elliptic: KeyPair, ours: KeyPair
) -> None:
    keys = {"1": theirs.spki, "2": elliptic.spki, "3": bare(ours.spki)}
    found = judged(secret | {"alipayPublicKeys": keys})
    assert summary(found) == {
        ("WARNING", "secret alipayPublicKeys"),
        ("WRONG", "secret alipayPublicKeys.3"),
    }
    assert "alipayPublicKeys.2 is a key of an elliptic curve" in found[0].fact


def test_private_key_is_not_asked_for_where_kms_signs(secret: Secret) -> None:
    without = {name: value for name, value in secret.items() if name != "privateKey"}
    assert summary(judged(without)) == {("WRONG", "secret privateKey")}
    assert summary(judged(secret, kms=True)) == {("WARNING", "secret privateKey")}
    assert summary(judged(without, kms=True)) == {("OK", "secret")}


@pytest.mark.parametrize(
    ("client", "url", "status"),
    [
        ("SANDBOX_5Y00", PRODUCTION, "WARNING"),
        ("5Y00", SANDBOX, "WARNING"),
        ("SANDBOX_5Y00", LOOPBACK, "OK"),
    ],
)
def test_sandbox_client_and_production_host_do_not_belong_together(
    secret: Secret, client: str, url: str, status: str
) -> None:
    (finding,) = judged(secret | {"clientId": client}, url)
    assert finding.status == status


def test_field_that_is_not_read_is_a_warning_without_its_name(secret: Secret) -> None:
    (finding,) = judged(secret | {"agenttoken": "x"})
    assert finding.status == "WARNING" and "agenttoken" not in finding.fact


ROLE = "cancel-payment-CancelPaymentRole-5b0c"
SIGNING_KEY = {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "KeyState": "Enabled"}


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, 0),
        ({"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}, 1),
        ({"KeyState": "PendingDeletion"}, 1),
        ({"KeySpec": "ECC_NIST_P256", "KeyState": "Disabled"}, 2),
    ],
)
def test_kind_and_state_of_the_key_that_signs(changes: dict[str, str], faults: int) -> None:
    found = list(signing_key.judge(SIGNING_KEY | changes))
    assert len(found) == faults and summary(found) <= {("WRONG", "signing key")}


@pytest.mark.parametrize(
    ("principal", "action", "allowed"),
    [
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*", True),
        ({"AWS": [ACCOUNT]}, ["kms:Sign", "kms:Verify"], True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"}, "kms:Sign", True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/another"}, "kms:Sign", False),
        ({"AWS": "arn:aws:iam::999999999999:root"}, "kms:*", False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:Verify", False),
        ({"Service": "lambda.amazonaws.com"}, "kms:*", False),
    ],
)
def test_right_to_sign(principal: dict[str, Any], action: Any, allowed: bool) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    found = list(signing_key.judge_right({"Statement": [statement]}, ACCOUNT, ROLE))
    assert (found == []) == allowed
    denied = statement | {"Effect": "Deny"}
    assert list(signing_key.judge_right({"Statement": denied}, ACCOUNT, ROLE)) != []


def test_public_half_of_the_kms_key_in_place_of_alipays(
    secret: Secret, ours: KeyPair, theirs: KeyPair
) -> None:
    swapped = secret | {"alipayPublicKeys": {"1": theirs.spki, "2": ours.spki}}
    found = list(subject.ours_for_theirs(ours.private.public_key(), swapped))
    assert summary(found) == {("WRONG", "secret alipayPublicKeys.2")}
