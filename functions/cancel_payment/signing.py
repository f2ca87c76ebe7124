"""Signed content, the signature header and its verification. Pure: no I/O, no clock.

Source: docs.alipayplus.com/alipayplus/alipayplus/api_acq, "Sign a request and verify the
signature"::

    content   = "POST" SP path LF client-id "." time "." body
    signature = percent-encode(base64(RSA-2048, PKCS #1 v1.5, SHA-256(content)))
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

CANCEL_PAYMENT_PATH: Final = "/aps/api/v1/payments/cancelPayment"

_ALGORITHM: Final = "RSA256"
_BASE64 = re.compile(rb"([A-Za-z0-9+/]+)={0,2}")
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class SignatureHeaderError(ValueError):
    """A ``Signature`` header that cannot be read."""


@dataclass(frozen=True, slots=True)
class SignatureHeader:
    """What a ``Signature`` header says."""

    key_version: str
    signature: bytes


def signed_content(client_id: str, time: str, body: bytes) -> bytes:
    """The bytes that are signed, of a request or of its response.

    Parameters
    ----------
    client_id
        The ``Client-Id`` header.
    time
        ``Request-Time`` or, verbatim, ``Response-Time``.
    body
        The exact bytes on the wire.
    """
    return f"POST {CANCEL_PAYMENT_PATH}\n{client_id}.{time}.".encode() + body


def sign(content: bytes, private_key: RSAPrivateKey, key_version: str) -> str:
    """The value of the ``Signature`` header of a request."""
    signature = private_key.sign(content, padding.PKCS1v15(), hashes.SHA256())
    # "+", "/" and "=" percent-encoded in upper case: what the SDKs send and the samples show,
    # although some pages name it base64UrlEncode. `quote` looks at each character: 20 x as long.
    text = base64.b64encode(signature).decode()
    encoded = text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return f"algorithm={_ALGORITHM},keyVersion={key_version},signature={encoded}"


def read_signature_header(value: str) -> SignatureHeader:
    """Read pairs separated by commas, in any order, each split on its first ``=``.

    Raises
    ------
    SignatureHeaderError
        A pair twice or missing, another algorithm, or a signature that is not base64.
    """
    pairs: dict[str, str] = {}
    for pair in value.split(","):
        name, equals, text = pair.strip().partition("=")
        if not equals or name in pairs:
            raise SignatureHeaderError("not a list of different name=value pairs")
        pairs[name] = text
    if pairs.get("algorithm") != _ALGORITHM:
        raise SignatureHeaderError(f"the algorithm is not {_ALGORITHM}")
    if not pairs.get("keyVersion") or not pairs.get("signature"):
        raise SignatureHeaderError("keyVersion or signature is missing")
    return SignatureHeader(pairs["keyVersion"], _decode(pairs["signature"]))


def verifies(content: bytes, signature: bytes, public_key: RSAPublicKey) -> bool:
    """Whether `signature` is the signature of `content` by the owner of `public_key`."""
    try:
        public_key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _decode(text: str) -> bytes:
    """Base64 in the standard or the URL-safe alphabet, padded or not, percent-encoded or not.

    Strict: a lenient decoder silently drops what it does not know and yields other bytes.
    """
    # unquote_to_bytes leaves "+" alone, where form decoding would turn it into a space.
    match = _BASE64.fullmatch(unquote_to_bytes(text).translate(_FROM_URL_SAFE))
    if match is None or len(match[1]) % 4 == 1:
        raise SignatureHeaderError("the signature is not base64")
    padded = match[1] + b"=" * (-len(match[1]) % 4)
    decoded = base64.b64decode(padded)
    if base64.b64encode(decoded) != padded:  # bits behind the last byte must be zero
        raise SignatureHeaderError("the signature is not canonical base64")
    return decoded
