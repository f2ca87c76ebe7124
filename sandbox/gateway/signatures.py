"""Signatures as the stand-in makes and checks them; no HTTP, no clock.

It signs by itself rather than with the function's code, so that one mistake cannot hide on both
sides. Sources: docs.alipayplus.com/alipayplus/alipayplus/api_acq (signature, header fields).
"""

import base64
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import unquote_to_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

_PERCENT_ENCODED_BASE64 = re.compile(r"(?:[A-Za-z0-9]|%2B|%2F|%3D)+")


@dataclass(frozen=True, slots=True)
class Keys:
    """What the stand-in knows of its one client, and the keys with which it answers.

    `forger` is a key that the client does not know: it signs the answers not from Alipay+.
    """

    client_id: str
    client_public_keys: dict[str, RSAPublicKey] = field(repr=False)
    private_key: RSAPrivateKey = field(repr=False)
    key_version: str
    forger: RSAPrivateKey = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `gateway.json` as `sandbox.gateway.keys` writes it.

        Raises
        ------
        ValueError
            The file is no such file; the message never quotes it, for it holds a key.
        """
        try:
            config = json.loads(path.read_text())
            private = load_pem_private_key(config["privateKey"].encode(), None)
            publics = {
                version: load_pem_public_key(pem.encode())
                for version, pem in config["clientPublicKeys"].items()
            }
            client_id, version = config["clientId"], config["alipayKeyVersion"]
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
            kind = type(fault).__name__
            raise ValueError(f"{path} holds no keys of the stand-in ({kind})") from None
        rsa_publics = {v: key for v, key in publics.items() if isinstance(key, RSAPublicKey)}
        if not isinstance(private, RSAPrivateKey) or len(rsa_publics) != len(publics):
            raise ValueError(f"{path} holds a key that is not RSA")
        return cls(client_id, rsa_publics, private, version, generate_private_key(65537, 2048))


def signed_content(method: str, path: str, client_id: str, time: str, body: bytes) -> bytes:
    """Return the bytes that a signature covers, of a request or of a response."""
    return f"{method} {path}\n{client_id}.{time}.".encode("latin-1") + body


def signature_header(key: RSAPrivateKey, version: str, content: bytes) -> str:
    """Sign, and write the Signature header: base64 whose `+`, `/` and `=` are percent-encoded."""
    text = base64.b64encode(key.sign(content, PKCS1v15(), SHA256())).decode()
    text = text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return f"algorithm=RSA256,keyVersion={version},signature={text}"


def read_signature_header(header: str) -> tuple[str, bytes]:
    """Split a Signature header into its key version and the signature.

    Strict about what a client sends: each of the three pairs once, in any order, a space allowed
    after a comma, base64 with padding and with its special characters percent-encoded.

    Raises
    ------
    ValueError
        The header has another form.
    """
    pairs = [pair.removeprefix(" ").partition("=") for pair in header.split(",")]
    values = {name: value for name, _, value in pairs}
    if len(pairs) != 3 or set(values) != {"algorithm", "keyVersion", "signature"}:
        raise ValueError("the Signature header is not algorithm=…,keyVersion=…,signature=…")
    if values["algorithm"] != "RSA256":
        raise ValueError("the algorithm is not RSA256")
    if not values["keyVersion"]:
        raise ValueError("keyVersion is empty")
    if not _PERCENT_ENCODED_BASE64.fullmatch(values["signature"]):
        raise ValueError("the signature is not percent-encoded base64")
    signature = base64.b64decode(unquote_to_bytes(values["signature"]), validate=True)
    return values["keyVersion"], signature


def verifies(key: RSAPublicKey, signature: bytes, content: bytes) -> bool:
    """Say whether the signature is the key owner's signature of the content."""
    try:
        key.verify(signature, content, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
