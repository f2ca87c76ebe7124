"""The KMS key that signs: its kind, its state, the right to it, and whose public half is where."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from doctor import signing_key
from tests.conftest import KeyPair
from tests.doctor.conftest import summary

ACCOUNT, ROLE = "123456789012", "cancel-payment-CancelPaymentRole-5b0c"
RIGHT = {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "KeyState": "Enabled"}


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, 0),
        ({"KeySpec": "RSA_4096"}, 1),
        ({"KeyUsage": "ENCRYPT_DECRYPT"}, 1),
        ({"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}, 1),
        ({"KeyState": "PendingDeletion"}, 1),
        ({"KeySpec": "ECC_NIST_P256", "KeyState": "Disabled"}, 2),
    ],
)
def test_kind_and_state(changes: dict[str, str], faults: int) -> None:
    found = list(signing_key.judge(RIGHT | changes))
    assert len(found) == faults
    assert summary(found) <= {("WRONG", "signing key")}


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


def test_our_own_public_half_in_place_of_alipays(
    secret: dict[str, Any], ours: KeyPair, theirs: KeyPair
) -> None:
    public = ours.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert list(signing_key.judge_public_half(public, secret)) == []
    swapped = secret | {"alipayPublicKeys": {"1": theirs.spki, "2": ours.spki}}
    found = list(signing_key.judge_public_half(public, swapped))
    assert summary(found) == {("WRONG", "secret alipayPublicKeys.2")}
