"""The secret's text: every fault named at once, and never a value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers

from doctor import secret as subject
from doctor.finding import Finding
from tests.conftest import KeyPair, bare
from tests.doctor.conftest import summary

PRODUCTION = "https://open-sea-global.alipayplus.com"
SANDBOX = "https://sandbox.example.com"
LOOPBACK = "http://127.0.0.1:8080"

type Secret = dict[str, Any]


def judged(secret: Secret, url: str = LOOPBACK) -> list[Finding]:
    return list(subject.judge(json.dumps(secret), url))


@pytest.mark.parametrize("form", ["pkcs8", "pkcs1", "bare"])
def test_secret_that_the_function_can_use_is_well(secret: Secret, ours: KeyPair, form: str) -> None:
    private = bare(ours.pkcs8) if form == "bare" else getattr(ours, form)
    assert summary(judged(secret | {"privateKey": private})) == {("OK", "secret")}


@pytest.mark.parametrize("text", [None, "", "[]", "{", '"text"'])
def test_secret_that_is_no_object(text: str | None) -> None:
    assert summary(list(subject.judge(text, LOOPBACK))) == {("WRONG", "secret")}


def test_empty_object_lacks_every_required_field() -> None:
    names = {"clientId", "keyVersion", "privateKey", "alipayPublicKeys"}
    assert summary(judged({})) == {("WRONG", f"secret {name}") for name in names}


def test_private_key_that_is_not_valid(secret: Secret, ours: KeyPair) -> None:
    right = ours.private.private_numbers()
    wrong = RSAPrivateNumbers(
        right.p, right.q, right.d + 2, right.dmp1, right.dmq1, right.iqmp, right.public_numbers
    )
    key = KeyPair(wrong.private_key(unsafe_skip_rsa_key_validation=True))
    (finding,) = judged(secret | {"privateKey": key.pkcs8})
    assert summary([finding]) == {("WRONG", "secret privateKey")}


def test_longer_key_than_documented_is_a_warning(secret: Secret) -> None:
    key = KeyPair(rsa.generate_private_key(65537, 3072))
    found = judged(secret | {"privateKey": key.pkcs8})
    assert summary(found) == {("WARNING", "secret privateKey")}


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
    kept = list(subject.judge(json.dumps(secret), LOOPBACK, kms_signs=True))
    gone = list(subject.judge(json.dumps(without), LOOPBACK, kms_signs=True))
    assert summary(kept) == {("WARNING", "secret privateKey")}
    assert summary(gone) == {("OK", "secret")}


@pytest.mark.parametrize(
    ("client", "url", "status"),
    [
        ("SANDBOX_5Y00", PRODUCTION, "WARNING"),
        ("5Y00", SANDBOX, "WARNING"),
        ("5Y00", PRODUCTION, "OK"),
        ("SANDBOX_5Y00", SANDBOX, "OK"),
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


@pytest.mark.parametrize("field", ["clientId", "keyVersion", "agentToken"])
def test_no_value_is_ever_shown(secret: Secret, ours: KeyPair, field: str) -> None:
    """Not even of a key that was pasted in the wrong place."""
    wrong = secret | {field: ours.pkcs8, "privateKey": "MIIEvQ" + "A" * 60}
    text = repr(judged(wrong))
    for value in (ours.pkcs8.splitlines()[1], bare(ours.pkcs8)[40:80], "MIIEvQAAAA"):
        assert value not in text
    keys_swapped = secret | {"alipayPublicKeys": {bare(ours.pkcs8): "1"}, "privateKey": "1"}
    assert bare(ours.pkcs8)[40:80] not in repr(judged(keys_swapped))
