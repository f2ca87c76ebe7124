"""One RSA key, in the forms in which people really paste it. Pure.

Read: PEM (PKCS #8 or PKCS #1; SPKI or PKCS #1) and the bare base64 DER of the developer centre;
text before or after the PEM, CR, CRLF or literal ``\\n`` for line breaks, line breaks that were
lost or became spaces, quotation marks around it, a byte order mark before it. Every other form is
refused by a sentence that says what it is, and never quotes it.
"""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from cancel_payment.alipay.signing import PrivateKeySigner, verifies

MIN_KEY_BITS: Final = 2048

_BEGIN: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
_ENCRYPTED_HEADER: Final = re.compile(r"Proc-Type:\s*4\s*,\s*ENCRYPTED", re.IGNORECASE)
# Quotation marks of every kind, spaces that show and spaces that do not.
_WRAPPING: Final = (
    "\"'`\u201c\u201d\u201e\u2018\u2019\xab\xbb \t\r\n\xa0\u200b\u200c\u200d\u2060\ufeff"
)
_BY_LABEL: Final = {
    "EC PRIVATE KEY": "is a key of an elliptic curve, not RSA",
    "EC PARAMETERS": "is a key of an elliptic curve, not RSA",
    "DSA PRIVATE KEY": "is a DSA key, not RSA",
    "OPENSSH PRIVATE KEY": "is in OpenSSH's own format; export it as PKCS #8",
    "ENCRYPTED PRIVATE KEY": "is encrypted; store it without a passphrase",
    "CERTIFICATE REQUEST": "is a certificate request, not a key",
    "NEW CERTIFICATE REQUEST": "is a certificate request, not a key",
}
_CUT_SHORT: Final = "is cut short"
_NOT_SOUND: Final = "is not a sound RSA private key"
_PROBE: Final = b"probe"
_ENCRYPTED: Final = _BY_LABEL["ENCRYPTED PRIVATE KEY"]


class KeyFormError(ValueError):
    """A text that is not the key that is wanted; the text of the error completes a sentence that
    begins with the field's name."""


def private_key(text: str) -> RSAPrivateKey:
    """The private key in `text`.

    OpenSSL's full check of it would take 35 ms of every cold start. A signature that verifies
    (1 ms) shows that its parts belong together; `make doctor` makes the full check.

    Raises
    ------
    KeyFormError
        Whatever else it is.
    """
    der = _der(text, "PRIVATE KEY", "RSA PRIVATE KEY")
    try:
        key = serialization.load_der_private_key(
            der, password=None, unsafe_skip_rsa_key_validation=True
        )
    except TypeError:
        raise KeyFormError(_ENCRYPTED) from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFormError(_not_private(der)) from None
    if not isinstance(key, RSAPrivateKey):
        raise KeyFormError(_not_rsa(key))
    _refuse_small(key)
    with suppress(ValueError):
        if verifies(_PROBE, PrivateKeySigner(key).sign(_PROBE), key.public_key()):
            return key
    raise KeyFormError(_NOT_SOUND)


def public_key(text: str) -> RSAPublicKey:
    """The public key in `text`.

    Raises
    ------
    KeyFormError
        Whatever else it is.
    """
    der = _der(text, "PUBLIC KEY", "RSA PUBLIC KEY")
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFormError(_not_public(der)) from None
    if not isinstance(key, RSAPublicKey):
        raise KeyFormError(_not_rsa(key))
    _refuse_small(key)
    return key


def _der(text: str, *wanted: str) -> bytes:
    text = text.replace("\\r", "\r").replace("\\n", "\n").strip(_WRAPPING)
    if not text:
        raise KeyFormError("is empty")
    if "-----" in text:
        text = _inside(text, wanted)
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise KeyFormError("is neither PEM nor base64, or it is cut short") from None
    length = _length(der)
    if length is not None and length > len(der):
        raise KeyFormError(_CUT_SHORT)
    return der


def _inside(text: str, wanted: tuple[str, ...]) -> str:
    """The base64 of the one block of the wanted kind, whatever stands around it."""
    labels = _BEGIN.findall(text)
    if not labels:
        raise KeyFormError("has no line -----BEGIN …-----: it is cut short")
    found = [label for label in labels if label in wanted]
    if not found:
        raise KeyFormError(_by_label(labels[0], wanted))
    if len(found) > 1:
        raise KeyFormError("holds more than one key")
    _, _, rest = text.partition(f"-----BEGIN {found[0]}-----")
    block, end, _ = rest.partition(f"-----END {found[0]}-----")
    if not end:
        raise KeyFormError(f"has no line -----END {found[0]}-----: it is cut short")
    if _ENCRYPTED_HEADER.search(block):
        raise KeyFormError(_ENCRYPTED)
    return block.strip(_WRAPPING)


def _by_label(label: str, wanted: tuple[str, ...]) -> str:
    if label in _BY_LABEL:
        return _BY_LABEL[label]
    if "CERTIFICATE" in label:
        return "is a certificate, not a key"
    if label.endswith("PUBLIC KEY"):
        return "is a public key, where the private one belongs"
    if label.endswith("PRIVATE KEY") and "PUBLIC KEY" in wanted:
        return "is a private key, where Alipay+'s public one belongs"
    return "is a PEM of another kind"


def _not_private(der: bytes) -> str:
    if _loads(serialization.load_der_public_key, der):
        return "is a public key, where the private one belongs"
    if _is_certificate(der):
        return "is a certificate, not a key"
    return _NOT_SOUND


def _not_public(der: bytes) -> str:
    try:
        serialization.load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        return "is an encrypted private key, where Alipay+'s public one belongs"
    except (ValueError, UnsupportedAlgorithm):
        pass
    else:
        return "is a private key, where Alipay+'s public one belongs"
    if _is_certificate(der):
        return "is a certificate, not a key"
    return "is not a sound RSA public key"


def _is_certificate(der: bytes) -> bool:
    # Imported here: refusals alone need it, and it is a third of what a start imports of its own.
    from cryptography import x509

    return _loads(x509.load_der_x509_certificate, der)


def _loads(load: object, der: bytes) -> bool:
    with suppress(ValueError, UnsupportedAlgorithm):
        load(der)  # type: ignore[operator]
        return True
    return False


def _not_rsa(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return _BY_LABEL["EC PRIVATE KEY"]
    return "is not an RSA key"


def _refuse_small(key: RSAPrivateKey | RSAPublicKey) -> None:
    if key.key_size < MIN_KEY_BITS:
        raise KeyFormError(f"is RSA of {key.key_size} bits; at least {MIN_KEY_BITS} are needed")


def _length(der: bytes) -> int | None:
    """The length in bytes that a DER sequence says that it has; ``None`` if it is none."""
    if len(der) < 2 or der[0] != 0x30:
        return None
    if der[1] < 0x80:
        return 2 + der[1]
    size = der[1] & 0x7F
    return 2 + size + int.from_bytes(der[2 : 2 + size]) if 1 <= size <= 4 else None
