"""From the text of the secret to keys ready for use. Pure.

No key, token or secret text ever leaves this module in an error, a repr or a log.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from cancel_payment.json_object import read_object

MIN_KEY_BITS = 2048

# The bound keeps out a key that was pasted into the wrong field: it would be sent as a header.
_HEADER_SAFE = re.compile(r"[\x21-\x7e]{1,512}")
_KEY_VERSION = re.compile(r"[A-Za-z0-9._-]{1,32}")


class CredentialsError(ValueError):
    """The secret cannot be used; the text names the field and the next step, never a value."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys ready for use; `public_keys` are Alipay+'s, by key version."""

    client_id: str
    key_version: str
    private_key: RSAPrivateKey = field(repr=False)
    public_keys: Mapping[str, RSAPublicKey] = field(repr=False)
    agent_token: str | None = field(repr=False)


def parse_secret(secret: str) -> Credentials:
    """Read the secret's JSON: ``clientId``, ``keyVersion``, ``privateKey``,
    ``alipayPublicKeys`` (by version) and, optionally, ``agentToken``.

    Keys are PEM (PKCS #8 or PKCS #1; SPKI) or the bare base64 DER of the developer centre.

    Raises
    ------
    CredentialsError
        Not JSON, a field missing or malformed, a key that is not RSA of 2048 bits or more.
    """
    # It keeps the decoder's own error back, which carries the document, that is, the private key.
    fields = read_object(secret)
    if fields is None:
        raise unusable("it is not a JSON object")
    public_keys = fields.get("alipayPublicKeys")
    if not isinstance(public_keys, dict) or not public_keys:
        raise unusable("alipayPublicKeys must map key versions to public keys")
    agent_token = None
    if fields.get("agentToken") not in (None, ""):
        agent_token = _text(fields, "agentToken", _HEADER_SAFE)
    return Credentials(
        client_id=_text(fields, "clientId", _HEADER_SAFE),
        key_version=_text(fields, "keyVersion", _KEY_VERSION),
        private_key=_private_key(_text(fields, "privateKey")),
        public_keys={version: _public_key(key, version) for version, key in public_keys.items()},
        agent_token=agent_token,
    )


def unusable(fact: str) -> CredentialsError:
    """The one form of complaint about the secret."""
    return CredentialsError(
        f"the credentials secret cannot be used: {fact}. "
        "Put a corrected version into Secrets Manager; no deployment is needed."
    )


def _text(fields: Mapping[str, Any], name: str, form: re.Pattern[str] | None = None) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise unusable(f"{name} is missing or not a string")
    if form is not None and not form.fullmatch(value):
        raise unusable(f"{name} holds characters that it cannot have")
    return value


def _private_key(text: str) -> RSAPrivateKey:
    try:
        # OpenSSL's full check of a key takes 50 ms, on every cold start. The key is its owner's
        # own; a signature that verifies (1 ms) shows that its parts belong together.
        if text.lstrip().startswith("-----"):
            key = serialization.load_pem_private_key(
                text.strip().encode(), password=None, unsafe_skip_rsa_key_validation=True
            )
        else:
            key = serialization.load_der_private_key(
                _der(text), password=None, unsafe_skip_rsa_key_validation=True
            )
        if isinstance(key, RSAPrivateKey) and key.key_size >= MIN_KEY_BITS:
            probe = key.sign(b"probe", padding.PKCS1v15(), hashes.SHA256())
            key.public_key().verify(probe, b"probe", padding.PKCS1v15(), hashes.SHA256())
            return key
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        raise unusable(
            "privateKey is neither a PEM nor base64 DER of an unencrypted, sound RSA private key"
        ) from None
    raise unusable(f"privateKey is not RSA of at least {MIN_KEY_BITS} bits")


def _public_key(text: object, version: str) -> RSAPublicKey:
    if not _KEY_VERSION.fullmatch(version):
        # Not echoed: someone may have swapped version and key.
        raise unusable("alipayPublicKeys holds a key version that is not a short name")
    name = f"alipayPublicKeys.{version}"
    if not isinstance(text, str):
        raise unusable(f"{name} is not a string")
    try:
        if text.lstrip().startswith("-----"):
            key = serialization.load_pem_public_key(text.strip().encode())
        else:
            key = serialization.load_der_public_key(_der(text))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise unusable(f"{name} is neither a PEM nor base64 DER of an RSA public key") from None
    if isinstance(key, RSAPublicKey) and key.key_size >= MIN_KEY_BITS:
        return key
    raise unusable(f"{name} is not RSA of at least {MIN_KEY_BITS} bits")


def _der(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
