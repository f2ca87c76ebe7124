"""From the text of the secret to keys ready for use. Pure.

No key, token or secret text ever leaves this module in an error, a repr or a log.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from cancel_payment.alipay import keys
from cancel_payment.alipay.json_object import read_object
from cancel_payment.alipay.pem import KeyFormError
from cancel_payment.alipay.signing import PrivateKeySigner, Signer

# The bound keeps out a key that was pasted into the wrong field: it would be sent as a header.
_HEADER_SAFE: Final = re.compile(r"[\x21-\x7e]{1,512}")
_KEY_VERSION: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")
_JSON_TYPES: Final = {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}


class CredentialsError(ValueError):
    """The secret cannot be used; the text names the field and the next step, never a value."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys ready for use.

    Attributes
    ----------
    public_keys
        Alipay+'s, by key version; at least one.
    unusable_public_keys
        One sentence for each entry of ``alipayPublicKeys`` that cannot be used: answers under its
        version prove nothing.
    """

    client_id: str
    key_version: str
    signer: Signer = field(repr=False)
    public_keys: Mapping[str, RSAPublicKey] = field(repr=False)
    agent_token: str | None = field(repr=False)
    unusable_public_keys: tuple[str, ...] = ()


def parse_secret(secret: str, signer: Signer | None = None) -> Credentials:
    """Read the secret's JSON: ``clientId``, ``keyVersion``, ``privateKey``,
    ``alipayPublicKeys`` (by version) and, optionally, ``agentToken``.

    Parameters
    ----------
    signer
        Signs instead of ``privateKey``, which is then not looked at.

    Raises
    ------
    CredentialsError
        Not JSON, a field missing or malformed, or not one usable public key of Alipay+.
    """
    # It keeps the decoder's own error back, which carries the document, that is, the private key.
    # Not strict: a PEM pasted into a JSON string brings raw line breaks.
    fields = read_object(secret, strict=False)
    if fields is None:
        raise unusable("it is not a JSON object")
    agent_token = None
    if fields.get("agentToken") not in (None, ""):
        agent_token = _text(fields, "agentToken", _HEADER_SAFE)
    client_id = _text(fields, "clientId", _HEADER_SAFE)
    key_version = _text(fields, "keyVersion", _KEY_VERSION)
    if signer is None:
        signer = _signer(_text(fields, "privateKey"))
    public_keys, refused = _public_keys(fields)
    return Credentials(client_id, key_version, signer, public_keys, agent_token, tuple(refused))


def unusable(fact: str) -> CredentialsError:
    """The one form of complaint about the secret."""
    return CredentialsError(
        f"the credentials secret cannot be used: {fact}. "
        "Put a corrected version into Secrets Manager; no deployment is needed."
    )


def _text(fields: Mapping[str, Any], name: str, form: re.Pattern[str] | None = None) -> str:
    value = fields.get(name)
    if value is None or value == "":
        raise unusable(f"{name} is missing")
    if name == "keyVersion" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise unusable(f"{name} is {_JSON_TYPES.get(type(value), 'a number')}, not a string")
    if form is not None and not form.fullmatch(value):
        raise unusable(f"{name} is too long, or holds a character that it cannot have")
    return value


def _signer(private_key: str) -> Signer:
    try:
        return PrivateKeySigner(keys.private_key(private_key))
    except Exception as error:
        raise unusable(f"privateKey {_fault(error)}") from None


def _fault(error: Exception) -> str:
    """What is wrong with a key; whatever reading it may raise, it costs that key alone."""
    known = isinstance(error, KeyFormError)
    return str(error) if known else f"cannot be read ({type(error).__name__})"


def _public_keys(fields: Mapping[str, Any]) -> tuple[dict[str, RSAPublicKey], list[str]]:
    """The usable keys by version, and a sentence for each of the others."""
    entries = fields.get("alipayPublicKeys")
    if not isinstance(entries, dict) or not entries:
        raise unusable("alipayPublicKeys must map key versions to public keys")
    usable: dict[str, RSAPublicKey] = {}
    refused: list[str] = []
    for number, (version, text) in enumerate(entries.items(), 1):
        if not _KEY_VERSION.fullmatch(version):
            # Not named: someone may have swapped version and key.
            refused.append(f"the version of entry {number} of alipayPublicKeys is no short name")
        elif not isinstance(text, str):
            refused.append(f"alipayPublicKeys.{version} is not a string")
        else:
            try:
                usable[version] = keys.public_key(text)
            except Exception as error:
                refused.append(f"alipayPublicKeys.{version} {_fault(error)}")
    if not usable:
        raise unusable("; ".join(refused))
    return usable, refused
