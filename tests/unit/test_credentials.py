"""The secret: its fields, and for each that cannot be used a sentence that shows nothing of it."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
from cancel_payment.alipay.credentials import Credentials, CredentialsError, parse_secret
from cancel_payment.alipay.signing import PrivateKeySigner, Signer

from tests.conftest import KeyPair, bare
from tests.unit.cases import NoSigner

type Secret = dict[str, Any]


def with_public(secret: Secret, **entries: object) -> Secret:
    return secret | {"alipayPublicKeys": entries}


def parse(secret: object, signer: Signer | None = None) -> Credentials:
    return parse_secret(secret if isinstance(secret, str) else json.dumps(secret), signer)


def refusal(secret: object) -> str:
    with pytest.raises(CredentialsError) as caught:
        parse(secret)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def sentence(fact: str) -> str:
    return (
        f"the credentials secret cannot be used: {fact}. "
        "Put a corrected version into Secrets Manager; no deployment is needed."
    )


def test_secret_of_the_contract_is_read(secret: Secret, ours: KeyPair) -> None:
    credentials = parse(secret)
    assert isinstance(credentials.signer, PrivateKeySigner)
    assert credentials.signer.private_key.private_numbers() == ours.private.private_numbers()
    assert (credentials.client_id, credentials.key_version) == (secret["clientId"], "1")
    assert (credentials.agent_token, list(credentials.public_keys)) == (secret["agentToken"], ["1"])


def test_forms_of_the_secret_itself(secret: Secret) -> None:
    text = json.dumps(secret | {"keyVersion": 2, "unknown": [1], "number": 1})
    assert parse("\ufeff" + text.replace("\\n", "\n")).key_version == "2"
    assert parse(text.replace('"number": 1', '"number": ' + "9" * 5000)).key_version == "2"
    without = {name: value for name, value in secret.items() if name != "agentToken"}
    for token in ({}, {"agentToken": None}, {"agentToken": ""}):
        assert parse(without | token).agent_token is None
    for bound in ({"clientId": "c" * 512}, {"keyVersion": "A.b_c-9" * 4}, {"agentToken": "!~"}):
        parse(secret | bound)


def test_signer_that_is_given_takes_the_place_of_the_private_key(secret: Secret) -> None:
    signer = NoSigner()
    for private_key in (None, "anything"):
        assert parse(secret | {"privateKey": private_key}, signer).signer is signer


NOT_BASE64 = "is neither PEM nor base64, or it is cut short"


def test_public_key_that_cannot_be_used_costs_itself_alone(secret: Secret, theirs: KeyPair) -> None:
    with_bad = parse(with_public(secret, **{"2": "?", "1": theirs.spki}), NoSigner())
    assert with_bad.unusable_public_keys == (f"alipayPublicKeys.2 {NOT_BASE64}",)
    assert list(with_bad.public_keys) == ["1"]


NO_MAP = "alipayPublicKeys must map key versions to public keys"
ODD = "is too long, or holds a character that it cannot have"


FACTS: dict[str, list[Secret]] = {
    "clientId is missing": [{"clientId": None}, {"clientId": ""}],
    "clientId is a number, not a string": [{"clientId": 7}],
    "clientId is an object, not a string": [{"clientId": {}}],
    f"clientId {ODD}": [{"clientId": one} for one in ("a b", "ä", "c" * 513)],
    "keyVersion is missing": [{"keyVersion": None}],
    "keyVersion is true or false, not a string": [{"keyVersion": True}],
    "keyVersion is a number, not a string": [{"keyVersion": 1.5}],
    f"keyVersion {ODD}": [{"keyVersion": "1,2"}, {"keyVersion": "1" * 33}],
    "privateKey is missing": [{"privateKey": None}],
    "privateKey is a list, not a string": [{"privateKey": ["k"]}],
    f"privateKey {NOT_BASE64}": [{"privateKey": "?"}],
    "agentToken is a number, not a string": [{"agentToken": 7}],
    f"agentToken {ODD}": [{"agentToken": "a\nb"}],
    NO_MAP: [{"alipayPublicKeys": one} for one in (None, {}, "MIIB")],
    "alipayPublicKeys.1 is not a string": [{"alipayPublicKeys": {"1": 1}}],
    "the version of entry 1 of alipayPublicKeys is no short name; "
    f"alipayPublicKeys.2 {NOT_BASE64}": [{"alipayPublicKeys": {"": "k", "2": "?"}}],
}


@pytest.mark.parametrize("fact", FACTS)
def test_field_that_cannot_be_used_is_named(secret: Secret, fact: str) -> None:
    for change in FACTS[fact]:
        assert refusal(secret | change) == sentence(fact)


def test_secret_that_is_no_json_object_is_refused(secret: Secret) -> None:
    text = json.dumps(secret)
    broken = [text[:-1], text[:900], text.replace('"', "'"), f"[{text}]", json.dumps(text), ""]
    for one in [*broken, "null", "[" * 100_000 + text]:
        assert refusal(one) == sentence("it is not a JSON object")


def test_no_refusal_shows_a_part_of_a_key_or_token_however_it_is_printed(secret: Secret) -> None:
    texts = [secret["privateKey"], secret["alipayPublicKeys"]["1"], secret["agentToken"]]
    pieces = [bare(text)[at : at + 8] for text in texts for at in range(0, len(bare(text)) - 8)]
    private, public = secret["privateKey"], secret["alipayPublicKeys"]["1"]
    places = ("clientId", "keyVersion", "agentToken")
    swapped: list[object] = [
        *(secret | {place: form(private)} for place in places for form in (str, bare)),
        *(with_public(secret, **{key: "1"}) for key in (bare(private), public)),
        *(secret | {"privateKey": key} for key in (public, bare(private)[:800], [private])),
        with_public(secret, **{"1": private}),
        json.dumps(secret)[:900],
        private,
    ]
    for broken in swapped:
        with pytest.raises(CredentialsError) as caught:
            parse(broken)
        error = caught.value
        printed = "".join(traceback.format_exception(error)) + f"{error!r}{error.args}"
        assert not any(piece in printed for piece in pieces)
    printed = repr(parse(secret))
    assert not any(piece in printed for piece in pieces)
