"""One field of the secret, as the function would judge it. Pure; no value is ever shown.

The function stops at the first fault. Here each field is put alone into a sound secret of made-up
keys and given to the function's own reader, so that all faults are named at once.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from cancel_payment.credentials import Credentials, CredentialsError, parse_secret, unusable
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

REQUIRED = ("clientId", "keyVersion", "privateKey", "alipayPublicKeys")
OPTIONAL = ("agentToken",)
_BEFORE, _, _AFTER = str(unusable("|")).partition("|")


def read(name: str, value: Any) -> Credentials:
    """Credentials whose one true field is this one; the others are made up.

    Raises
    ------
    ValueError
        The field is of no use; the text is the fact about it.
    """
    try:
        return parse_secret(json.dumps(_sound() | {name: value}))
    except CredentialsError as error:
        raise ValueError(str(error).removeprefix(_BEFORE).removesuffix(_AFTER)) from None


def faults(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each field that is of no use, and the fact about it."""
    for name in (*REQUIRED, *OPTIONAL):
        for label, value in _parts(name, fields.get(name)):
            try:
                read(name, value)
            except ValueError as fact:
                yield label, str(fact)


def public_keys(fields: Mapping[str, Any]) -> dict[str, rsa.RSAPublicKey]:
    """Those of Alipay+'s keys that can be read, by version."""
    found: dict[str, rsa.RSAPublicKey] = {}
    for _, value in _parts("alipayPublicKeys", fields.get("alipayPublicKeys")):
        try:
            found |= read("alipayPublicKeys", value).public_keys
        except ValueError:
            continue
    return found


def private_key(fields: Mapping[str, Any]) -> rsa.RSAPrivateKey | None:
    """Our private key, if it can be read."""
    try:
        return read("privateKey", fields.get("privateKey")).private_key
    except ValueError:
        return None


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if name == "alipayPublicKeys" and isinstance(value, dict) and value:
        for version, key in value.items():
            yield name, {version: key}
    else:
        yield name, value


@functools.cache
def _sound() -> dict[str, Any]:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "clientId": "client",
        "keyVersion": "1",
        "privateKey": private.decode(),
        "alipayPublicKeys": {"1": public.decode()},
    }
