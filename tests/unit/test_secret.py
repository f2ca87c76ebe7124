"""Every form of key that the contract allows in the secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cancel_payment.credentials import parse_secret

from tests.conftest import KeyPair, bare


def test_secret_with_all_its_fields_is_read(secret: dict[str, Any], ours: KeyPair) -> None:
    credentials = parse_secret(json.dumps(secret))
    assert credentials.client_id == "SANDBOX_5Y0000000000000001"
    assert credentials.key_version == "1"
    assert credentials.agent_token == "ALIPAY4BAKEDAGENTTOKEN0042"
    assert credentials.private_key.private_numbers() == ours.private.private_numbers()


@pytest.mark.parametrize("form", ["pkcs8", "pkcs1"])
@pytest.mark.parametrize("dress", [str, bare, lambda pem: f"\n  {pem}\n"])
def test_private_key_is_read_as_pkcs_8_or_pkcs_1_as_pem_or_bare_base64(
    secret: dict[str, Any], ours: KeyPair, form: str, dress: Any
) -> None:
    text = json.dumps(secret | {"privateKey": dress(getattr(ours, form))})
    assert parse_secret(text).private_key.private_numbers() == ours.private.private_numbers()


@pytest.mark.parametrize("form", ["spki", "pkcs1_public"])
@pytest.mark.parametrize("dress", [str, bare])
def test_public_key_is_read_as_spki_or_pkcs_1_as_pem_or_bare_base64(
    secret: dict[str, Any], theirs: KeyPair, form: str, dress: Any
) -> None:
    text = json.dumps(secret | {"alipayPublicKeys": {"1": dress(getattr(theirs, form))}})
    assert parse_secret(text).public_keys["1"] == theirs.private.public_key()


def test_bare_base64_may_be_broken_into_lines(secret: dict[str, Any], ours: KeyPair) -> None:
    lines = "\n".join(ours.pkcs8.splitlines()[1:-1])
    credentials = parse_secret(json.dumps(secret | {"privateKey": lines}))
    assert credentials.private_key.private_numbers() == ours.private.private_numbers()


def test_several_public_keys_are_kept_by_their_versions(
    secret: dict[str, Any], ours: KeyPair, theirs: KeyPair
) -> None:
    keys = {"0": theirs.spki, "2": ours.spki}
    read = parse_secret(json.dumps(secret | {"alipayPublicKeys": keys})).public_keys
    assert read == {"0": theirs.private.public_key(), "2": ours.private.public_key()}


@pytest.mark.parametrize("absent", [{}, {"agentToken": None}, {"agentToken": ""}])
def test_agent_token_is_optional(secret: dict[str, Any], absent: dict[str, Any]) -> None:
    without = {name: value for name, value in secret.items() if name != "agentToken"}
    assert parse_secret(json.dumps(without | absent)).agent_token is None


def test_unknown_fields_are_ignored(secret: dict[str, Any]) -> None:
    assert parse_secret(json.dumps(secret | {"comment": "rotated in May"})).key_version == "1"
