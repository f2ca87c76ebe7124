"""The fields of the secret, as the function itself would judge them. Pure; no value is ever shown.

The function stops at the first fault. Here each field is put alone into an otherwise sound secret
and given to the function's own reader, so that all faults are named at once.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from cancel_payment.alipay import keys
from cancel_payment.alipay.credentials import (
    Credentials,
    CredentialsError,
    parse_secret,
    unusable,
)
from cancel_payment.alipay.pem import KeyFormError
from cancel_payment.alipay.signing import PrivateKeySigner
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

REQUIRED = ("clientId", "keyVersion", "alipayPublicKeys")
OPTIONAL = ("agentToken",)
PRIVATE_KEY = "privateKey"
_BEFORE, _, _AFTER = str(unusable("|")).partition("|")


def faults(fields: Mapping[str, Any], *, kms_signs: bool) -> Iterator[tuple[str, str]]:
    """Each field that is of no use, and the fact about it.

    Parameters
    ----------
    kms_signs
        A private key is not looked at then.
    """
    for name in (*REQUIRED, *OPTIONAL):
        try:
            _read(name, fields.get(name))
        except ValueError as fact:
            yield name, str(fact)
    if not kms_signs:
        try:
            parse_secret(json.dumps({**_sound(), PRIVATE_KEY: fields.get(PRIVATE_KEY)}))
            # In full, which the function leaves out: it would take a tenth of every cold start.
            keys.private_key(fields[PRIVATE_KEY]).private_numbers().private_key()
        except CredentialsError as error:
            yield PRIVATE_KEY, _fact(error)
        except ValueError:
            yield PRIVATE_KEY, "privateKey is not a sound RSA private key"


def unusable_public_keys(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence for each of Alipay+'s keys that cannot be used, beside one that can."""
    try:
        return _read("alipayPublicKeys", fields.get("alipayPublicKeys")).unusable_public_keys
    except ValueError:
        return ()


def public_keys(fields: Mapping[str, Any]) -> Mapping[str, rsa.RSAPublicKey]:
    """Those of Alipay+'s keys that can be read, by version."""
    try:
        return _read("alipayPublicKeys", fields.get("alipayPublicKeys")).public_keys
    except ValueError:
        return {}


def private_key(fields: Mapping[str, Any]) -> rsa.RSAPrivateKey | None:
    """Our private key, if it can be read."""
    text = fields.get(PRIVATE_KEY)
    try:
        return keys.private_key(text) if isinstance(text, str) else None
    except KeyFormError:
        return None


def _read(name: str, value: Any) -> Credentials:
    """Credentials whose one true field is this one.

    Raises
    ------
    ValueError
        The field is of no use; the text is the fact about it.
    """
    try:
        return parse_secret(json.dumps({**_sound(), name: value}), PrivateKeySigner(_made_up()))
    except CredentialsError as error:
        raise ValueError(_fact(error)) from None


def _fact(error: CredentialsError) -> str:
    return str(error).removeprefix(_BEFORE).removesuffix(_AFTER)


@functools.cache
def _made_up() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _sound() -> dict[str, Any]:
    public = _made_up().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {"clientId": "client", "keyVersion": "1", "alipayPublicKeys": {"1": public.decode()}}
