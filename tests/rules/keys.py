"""Keys made for the run, and signatures made and checked by a few lines of the tests' own.

Source: protocol.md, "Signing" and "Verifying the response". Nothing here comes from the code that
is judged.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from urllib.parse import quote, unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT_ID = "SANDBOX_5Y3A2N2Y3A2N00001"
PATH = "/aps/api/v1/payments/cancelPayment"

# Ours differs from theirs, so that nobody can take the one for the other.
OUR_KEY_VERSION = "3"
ALIPAY, ALIPAY_NEXT, OURS, FORGER = "alipay", "alipay's next", "ours", "forger"


@cache
def key(owner: str) -> rsa.RSAPrivateKey:
    """The private key of `owner`, made on first use."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def secret() -> str:
    """The credentials secret: two of Alipay+'s keys, as in the days of a rotation."""
    private = key(OURS).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return json.dumps(
        {
            "clientId": CLIENT_ID,
            "keyVersion": OUR_KEY_VERSION,
            "privateKey": private.decode(),
            "alipayPublicKeys": {"1": _public(ALIPAY), "2": _public(ALIPAY_NEXT)},
        }
    )


def content(client_id: str, time: str, body: bytes) -> bytes:
    """One line feed, no trailing newline, the path without a host."""
    return b"POST " + PATH.encode() + b"\n" + f"{client_id}.{time}.".encode() + body


@cache
def signature(owner: str, signed: bytes) -> bytes:
    """PKCS #1 v1.5 with SHA-256; the same input always gives the same signature."""
    return key(owner).sign(signed, padding.PKCS1v15(), hashes.SHA256())


def header(made: bytes, key_version: str = "1") -> str:
    """The value of a ``Signature`` header."""
    encoded = quote(base64.b64encode(made), safe="")
    return f"algorithm=RSA256,keyVersion={key_version},signature={encoded}"


def is_signed_by_us(value: str, signed: bytes) -> bool:
    """Whether a request's ``Signature`` header has exactly the form that the protocol shows."""
    prefix = f"algorithm=RSA256,keyVersion={OUR_KEY_VERSION},signature="
    if not value.startswith(prefix) or any(sign in value[len(prefix) :] for sign in "+/="):
        return False
    made = base64.b64decode(unquote(value[len(prefix) :]), validate=True)
    try:
        key(OURS).public_key().verify(made, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _public(owner: str) -> str:
    public = key(owner).public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
