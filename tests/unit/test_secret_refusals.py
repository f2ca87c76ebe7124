"""A secret that cannot be used: one clear error that names the field, never a value of it."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from cancel_payment.credentials import CredentialsError, parse_secret
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from tests.conftest import KeyPair, bare

type Change = Callable[[dict[str, Any]], dict[str, Any]]


def _without(name: str) -> Change:
    return lambda secret: {key: value for key, value in secret.items() if key != name}


def _with(name: str, value: object) -> Change:
    return lambda secret: secret | {name: value}


def _public(keys: object) -> Change:
    return _with("alipayPublicKeys", keys)


def _cut(pem: str) -> str:
    lines = pem.splitlines()
    return "\n".join([*lines[:6], *lines[9:]])


REFUSED: dict[str, tuple[str, Change]] = {
    "no client id": ("clientId", _without("clientId")),
    "no key version": ("keyVersion", _without("keyVersion")),
    "no private key": ("privateKey", _without("privateKey")),
    "no public keys": ("alipayPublicKeys", _without("alipayPublicKeys")),
    "empty client id": ("clientId", _with("clientId", "")),
    "client id is a number": ("clientId", _with("clientId", 5)),
    "client id with a line break": ("clientId", _with("clientId", "A\r\nX: 1")),
    "client id with a letter that no header holds": ("clientId", _with("clientId", "支付")),
    "client id with a lone surrogate": ("clientId", _with("clientId", "\ud800")),
    "agent token with a line break": ("agentToken", _with("agentToken", "TOKENTOKEN\nX: 1")),
    "agent token is a number": ("agentToken", _with("agentToken", 5)),
    "key version with a comma": ("keyVersion", _with("keyVersion", "1,signature=x")),
    "private key is null": ("privateKey", _with("privateKey", None)),
    "private key is text": ("privateKey", _with("privateKey", "correct horse battery staple")),
    "private key with a surrogate": ("privateKey", _with("privateKey", "-----BEGIN\ud800")),
    "private key cut short": ("privateKey", lambda s: s | {"privateKey": s["privateKey"][:600]}),
    "private key with lines missing": (
        "privateKey",
        lambda s: s | {"privateKey": _cut(s["privateKey"])},
    ),
    "private key with a letter lost": (
        "privateKey",
        lambda s: s | {"privateKey": bare(s["privateKey"])[1:]},
    ),
    "public key as private key": (
        "privateKey",
        lambda s: s | {"privateKey": s["alipayPublicKeys"]["1"]},
    ),
    "public keys are a string": ("alipayPublicKeys", _public("MIIB")),
    "public keys are empty": ("alipayPublicKeys", _public({})),
    "public key is a number": ("alipayPublicKeys", _public({"1": 1})),
    "public key is garbage": ("alipayPublicKeys", _public({"1": "?"})),
    "private key as public key": (
        "alipayPublicKeys",
        lambda s: s | {"alipayPublicKeys": {"1": s["privateKey"]}},
    ),
    "version and key swapped": (
        "alipayPublicKeys",
        lambda s: s | {"alipayPublicKeys": {s["alipayPublicKeys"]["1"]: "1"}},
    ),
    "private key as a version": (
        "alipayPublicKeys",
        lambda s: s | {"alipayPublicKeys": {bare(s["privateKey"]): "1"}},
    ),
}


def _error_of(text: str) -> CredentialsError:
    with pytest.raises(CredentialsError) as caught:
        parse_secret(text)
    return caught.value


def assert_holds_nothing_of(secret: dict[str, Any], shown: str) -> None:
    """No eight letters in a row of a key or the token, however it is cut."""
    token = secret.get("agentToken")
    texts = [secret["privateKey"], token, *secret["alipayPublicKeys"].values()]
    for text in filter(lambda one: isinstance(one, str), texts):
        body = bare(text)
        assert not any(body[at : at + 8] in shown for at in range(0, max(1, len(body) - 8)))


@pytest.mark.parametrize("kind", REFUSED)
def test_refusal_names_the_field_and_the_next_step(secret: dict[str, Any], kind: str) -> None:
    field, change = REFUSED[kind]
    error = _error_of(json.dumps(change(secret)))
    assert field in str(error)
    assert "Secrets Manager" in str(error)


@pytest.mark.parametrize("kind", REFUSED)
def test_refusal_shows_no_part_of_a_key_or_token_however_it_is_printed(
    secret: dict[str, Any], kind: str
) -> None:
    error = _error_of(json.dumps(REFUSED[kind][1](secret)))
    printed = "".join(traceback.format_exception(error))
    assert_holds_nothing_of(secret, f"{error}{error!r}{error.args}{printed}")


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text[:-1],
        lambda text: text.replace('"', "'"),
        lambda text: f"[{text}]",
        lambda text: json.dumps(text),
        lambda text: "",
        lambda text: "null",
        lambda text: "[" * 100_000,
        lambda text: "[" * 100_000 + text,
    ],
)
def test_secret_that_is_no_json_object_is_refused_without_quoting_it(
    secret: dict[str, Any], broken: Callable[[str], str]
) -> None:
    error = _error_of(broken(json.dumps(secret)))
    printed = "".join(traceback.format_exception(error))
    assert_holds_nothing_of(secret, f"{error}{error!r}{printed}")


@pytest.mark.parametrize("form", ["pkcs8", "pkcs1"])
@pytest.mark.parametrize("dress", [str, bare])
def test_private_key_of_1024_bits_is_refused(
    secret: dict[str, Any], weak: KeyPair, form: str, dress: Any
) -> None:
    error = _error_of(json.dumps(secret | {"privateKey": dress(getattr(weak, form))}))
    assert "privateKey" in str(error)
    assert "2048" in str(error)


def test_public_key_of_1024_bits_is_refused(secret: dict[str, Any], weak: KeyPair) -> None:
    error = _error_of(json.dumps(secret | {"alipayPublicKeys": {"1": weak.spki}}))
    assert "2048" in str(error)


def test_elliptic_keys_are_refused(secret: dict[str, Any], elliptic: KeyPair) -> None:
    private = _error_of(json.dumps(secret | {"privateKey": elliptic.pkcs8}))
    public = _error_of(json.dumps(secret | {"alipayPublicKeys": {"1": elliptic.spki}}))
    assert "privateKey" in str(private)
    assert "alipayPublicKeys" in str(public)


def test_encrypted_private_key_is_refused(secret: dict[str, Any], ours: KeyPair) -> None:
    locked = ours.private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
    )
    assert "privateKey" in str(_error_of(json.dumps(secret | {"privateKey": locked.decode()})))


def test_private_key_whose_parts_do_not_belong_together_is_refused(
    secret: dict[str, Any], ours: KeyPair, theirs: KeyPair
) -> None:
    mine, other = ours.private.private_numbers(), theirs.private.private_numbers()
    mixed = rsa.RSAPrivateNumbers(
        mine.p, mine.q, other.d, other.dmp1, other.dmq1, mine.iqmp, mine.public_numbers
    ).private_key(unsafe_skip_rsa_key_validation=True)
    assert "privateKey" in str(_error_of(json.dumps(secret | {"privateKey": KeyPair(mixed).pkcs8})))


def test_credentials_show_no_part_of_a_key_or_token_when_printed(secret: dict[str, Any]) -> None:
    credentials = parse_secret(json.dumps(secret))
    assert_holds_nothing_of(secret, f"{credentials!r}{credentials}")
