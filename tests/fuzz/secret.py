"""Secret parsing: keys ready for use, or one of a few sentences that hold nothing of the secret.

Inputs name keys by placeholders; the keys are made when the process starts, so that no file holds
anything that looks like one.
"""

from __future__ import annotations

import base64
import functools
import json
import re
import traceback
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cancel_payment.credentials import Credentials, CredentialsError, parse_secret
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.fuzz.finding import expect

NAME: Final = "secret"
TOKENS: Final = (
    *('"clientId":', '"keyVersion":', '"privateKey":', '"alipayPublicKeys":{', '"agentToken":'),
    *('"1"', '"1":', '"@PRIVATE_PEM@"', '"@PRIVATE_DER@"', '"@PUBLIC_PEM@"', '"@PUBLIC_DER@"'),
    *('"@PRIVATE_PKCS1@"', '"@SHORT_PRIVATE@"', '"@EC_PRIVATE@"', '"@EC_PUBLIC@"', '"@HALF@"'),
    *("-----", "BEGIN", "END", "\\n", "\\ud800", "null", "{}", "NaN", "MII", "@PRIVATE_PKCS1@"),
)

_FIELD: Final = r"(clientId|keyVersion|privateKey|agentToken)"
_VERSION: Final = r"alipayPublicKeys\.[A-Za-z0-9._-]{1,32}"
_FACTS: Final = (
    "it is not JSON",
    "it is not a JSON object",
    "alipayPublicKeys must map key versions to public keys",
    f"{_FIELD} is missing or not a string",
    f"{_FIELD} holds characters that it cannot have",
    "privateKey is neither a PEM nor base64 DER of an unencrypted, sound RSA private key",
    f"(privateKey|{_VERSION}) is not RSA of at least 2048 bits",
    "alipayPublicKeys holds a key version that is not a short name",
    f"{_VERSION} is not a string",
    f"{_VERSION} is neither a PEM nor base64 DER of an RSA public key",
)
_COMPLAINT = re.compile(
    rf"the credentials secret cannot be used: ({'|'.join(_FACTS)})\. "
    r"Put a corrected version into Secrets Manager; no deployment is needed\."
)


def check(data: bytes) -> None:
    """Parse a secret that is `data`, placeholders filled in.

    Raises
    ------
    Finding
        The parser broke its promise.
    """
    secret = _filled_in(data.decode("utf-8", "replace"))
    try:
        credentials = parse_secret(secret)
    except CredentialsError as error:
        expect(_COMPLAINT.fullmatch(str(error)), "an error is one of the known sentences")
        expect(_COMPLAINT.search(repr(error)), "an error's repr is its sentence")
        hidden = error.__cause__ is None and (error.__suppress_context__ or not error.__context__)
        expect(hidden, "an error shows nothing of what caused it")
        shown = "".join(traceback.format_exception(error, limit=0))
        expect(len(shown.splitlines()) == 1, "a traceback ends in the sentence alone")
        return
    _check_credentials(credentials, json.loads(secret))


def seeds() -> Iterator[bytes]:
    """Seeds of what the files cannot hold."""
    yield b"[" * 100_000
    fields = {"clientId": "CLIENT", "keyVersion": "1", "alipayPublicKeys": {"1": "@PUBLIC_DER@"}}
    for private in _keys():
        yield json.dumps({**fields, "privateKey": private}).encode()
    yield json.dumps({**fields, "alipayPublicKeys": {"@PRIVATE_DER@": "1"}}).encode()
    yield json.dumps({**fields, "keyVersion": "@PRIVATE_DER@"}).encode()


def _check_credentials(credentials: Credentials, fields: Mapping[str, Any]) -> None:
    expect(credentials.client_id == fields["clientId"], "the client id is taken as it came")
    expect(credentials.key_version == fields["keyVersion"], "the version is taken as it came")
    expect(credentials.agent_token == (fields.get("agentToken") or None), "so is the agent token")
    for header in (credentials.client_id, credentials.key_version, credentials.agent_token or "x"):
        expect(re.fullmatch(r"[!-~]+", header), "what goes into a header is fit for it")
    sizes = [credentials.private_key.key_size]
    sizes += [key.key_size for key in credentials.public_keys.values()]
    expect(len(sizes) >= 2 and min(sizes) >= 2048, "keys are long enough")
    expect(credentials.public_keys.keys() == fields["alipayPublicKeys"].keys(), "all keys are kept")
    shown = repr(credentials)
    for name in ("private_key", "public_keys", "agent_token"):
        expect(name not in shown, "credentials do not show their keys")


def _filled_in(text: str) -> str:
    if "@" not in text:
        return text
    for placeholder, value in _keys().items():
        text = text.replace(placeholder, json.dumps(value)[1:-1])
    return text


@functools.cache
def _keys() -> dict[str, str]:
    private = rsa.generate_private_key(65537, 2048)
    short = rsa.generate_private_key(65537, 1024)
    curve = ec.generate_private_key(ec.SECP256R1())
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    pkcs8, pkcs1 = (
        serialization.PrivateFormat.PKCS8,
        serialization.PrivateFormat.TraditionalOpenSSL,
    )
    spki, plain = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.NoEncryption()
    private_der = private.private_bytes(der, pkcs8, plain)
    return {
        "@PRIVATE_PEM@": private.private_bytes(pem, pkcs8, plain).decode(),
        "@PRIVATE_DER@": base64.b64encode(private_der).decode(),
        "@PRIVATE_PKCS1@": private.private_bytes(pem, pkcs1, plain).decode(),
        "@HALF@": base64.b64encode(private_der[: len(private_der) // 2]).decode(),
        "@SHORT_PRIVATE@": short.private_bytes(pem, pkcs8, plain).decode(),
        "@SHORT_PUBLIC@": short.public_key().public_bytes(pem, spki).decode(),
        "@EC_PRIVATE@": curve.private_bytes(pem, pkcs8, plain).decode(),
        "@EC_PUBLIC@": curve.public_key().public_bytes(pem, spki).decode(),
        "@PUBLIC_PEM@": private.public_key().public_bytes(pem, spki).decode(),
        "@PUBLIC_DER@": base64.b64encode(private.public_key().public_bytes(der, spki)).decode(),
    }
