"""Signed content, the signature header and its verification. Pure: no I/O, no clock.

Source: docs.alipayplus.com/alipayplus/alipayplus/api_acq, "Sign a request and verify the
signature"::

    content   = "POST" SP path LF client-id "." time "." body
    signature = percent-encode(base64(RSA-2048, PKCS #1 v1.5, SHA-256(content)))
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import unquote_to_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

CANCEL_PAYMENT_PATH: Final = "/aps/api/v1/payments/cancelPayment"

_ALGORITHM: Final = "RSA256"
_BASE64 = re.compile(rb"([A-Za-z0-9+/]+)={0,2}")
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class Signer(Protocol):
    """Whoever holds the private key."""

    def sign(self, content: bytes) -> bytes:
        """The signature of `content`, RSA PKCS #1 v1.5 over its SHA-256. Used from many threads.

        Whatever is raised means that no signature is to be had now.
        """


@dataclass(frozen=True, slots=True)
class PrivateKeySigner:
    """Signs with a key in memory; releases the interpreter's lock while it does."""

    private_key: RSAPrivateKey = field(repr=False)

    def sign(self, content: bytes) -> bytes:
        return self.private_key.sign(content, padding.PKCS1v15(), hashes.SHA256())


class SignatureHeaderError(ValueError):
    """A ``Signature`` header that cannot be read."""


@dataclass(frozen=True, slots=True)
class SignatureHeader:
    """What a ``Signature`` header says; ``key_version`` is ``None`` where it names none."""

    key_version: str | None
    signature: bytes


def signed_content(path: str, client_id: str, time: str, body: bytes) -> bytes:
    """The bytes that are signed, of a request or of its response.

    Parameters
    ----------
    path
        Of the call, with its leading slash and without a host.
    client_id
        The ``Client-Id`` header.
    time
        ``Request-Time`` or, verbatim, ``Response-Time``.
    body
        The exact bytes on the wire.
    """
    return f"POST {path}\n{client_id}.{time}.".encode() + body


def signature_header(signature: bytes, key_version: str) -> str:
    """The value of the ``Signature`` header of a request."""
    # "+", "/" and "=" percent-encoded in upper case: what the SDKs send and the samples show,
    # although some pages name it base64UrlEncode. `quote` looks at each character: 20 x as long.
    text = base64.b64encode(signature).decode()
    encoded = text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return f"algorithm={_ALGORITHM},keyVersion={key_version},signature={encoded}"


def read_signature_header(value: str) -> SignatureHeader:
    """Read pairs separated by commas, in any order, each split on its first ``=``.

    ``algorithm`` is compared without case and may be absent, as Antom's reference says
    (docs.antom.com/ac/gcmc/apifund). Empty list elements are skipped (RFC 9110, section 5.6.1).

    Raises
    ------
    SignatureHeaderError
        A pair twice, no signature, another algorithm, or a signature that is not base64.
    """
    pairs: dict[str, str] = {}
    for element in value.split(","):
        pair = element.strip()
        if not pair:
            continue
        name, equals, text = pair.partition("=")
        if not equals or name in pairs:
            raise SignatureHeaderError("not a list of different name=value pairs")
        pairs[name] = text
    if pairs.get("algorithm", _ALGORITHM).upper() != _ALGORITHM:
        raise SignatureHeaderError(f"the algorithm is not {_ALGORITHM}")
    if pairs.get("keyVersion") == "":
        raise SignatureHeaderError("keyVersion is empty")
    if not pairs.get("signature"):
        raise SignatureHeaderError("signature is missing")
    return SignatureHeader(pairs.get("keyVersion"), _decode(pairs["signature"]))


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
