"""The text in which somebody pasted a key becomes DER, or a sentence that says what it is. Pure.

Read: PEM with text before or after it, CR, CRLF or literal ``\\n`` for line breaks, line breaks
that were lost or became spaces, quotation marks around it, a byte order mark before it; the bare
base64 of the developer centre. No sentence quotes what it is about.
"""

from __future__ import annotations

import base64
import re
from typing import Final

_BEGIN: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
_ENCRYPTED_HEADER: Final = re.compile(r"Proc-Type:\s*4\s*,\s*ENCRYPTED", re.IGNORECASE)
# Quotation marks of every kind, spaces that show and spaces that do not.
_WRAPPING: Final = (
    "\"'`\u201c\u201d\u201e\u2018\u2019\xab\xbb \t\r\n\xa0\u200b\u200c\u200d\u2060\ufeff"
)
ELLIPTIC: Final = "is a key of an elliptic curve, not RSA"
ENCRYPTED: Final = "is encrypted; store it without a passphrase"
_CUT_SHORT: Final = "is cut short"
_BY_LABEL: Final = {
    "EC PRIVATE KEY": ELLIPTIC,
    "EC PARAMETERS": ELLIPTIC,
    "DSA PRIVATE KEY": "is a DSA key, not RSA",
    "OPENSSH PRIVATE KEY": "is in OpenSSH's own format; export it as PKCS #8",
    "ENCRYPTED PRIVATE KEY": ENCRYPTED,
    "CERTIFICATE REQUEST": "is a certificate request, not a key",
    "NEW CERTIFICATE REQUEST": "is a certificate request, not a key",
}


class KeyFormError(ValueError):
    """A text that is not the key that is wanted; the text of the error completes a sentence that
    begins with the field's name."""


def der_of(text: str, *wanted: str) -> bytes:
    """The DER of the one key in `text`.

    Parameters
    ----------
    wanted
        The labels of PEM that will do; bare base64 has none.

    Raises
    ------
    KeyFormError
        It holds none, or something else.
    """
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
        raise KeyFormError(ENCRYPTED)
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


def _length(der: bytes) -> int | None:
    """The length in bytes that a DER sequence says that it has; ``None`` if it is none."""
    if len(der) < 2 or der[0] != 0x30:
        return None
    if der[1] < 0x80:
        return 2 + der[1]
    size = der[1] & 0x7F
    return 2 + size + int.from_bytes(der[2 : 2 + size]) if 1 <= size <= 4 else None
