"""Signature-header parsing: a header is read as its sender wrote it, or refused."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from cancel_payment.signing import SignatureHeaderError, read_signature_header

from tests.fuzz.finding import expect

NAME: Final = "signature_header"
TOKENS: Final = (
    *("algorithm=", "RSA256", "keyVersion=", "signature=", "algorithm=RSA256,", "keyVersion=1,"),
    *("%2B", "%2F", "%3D", "%2b", "%", "%zz", "%25", "%C3%A9", "+", "/", "-", "_", "=", "==", ", "),
    *("AAAA", "AA==", "AB==", "Signature=", "\u00a0", "\u3000"),
)


def check(data: bytes) -> None:
    """Read a header whose bytes on the wire are `data`.

    Raises
    ------
    Finding
        The reader broke its promise.
    """
    value = _as_header(data)
    try:
        header = read_signature_header(value)
    except SignatureHeaderError as error:
        expect(str(error).isascii() and len(str(error)) < 100, "a refusal does not echo the header")
        expect(not _is_everyday(value), "a header as the protocol shows it is read")
        return
    pairs = [pair.strip().partition("=") for pair in value.split(",")]
    names = [name for name, _, _ in pairs]
    expect(len(set(names)) == len(names), "no name stands twice in a header that is read")
    fields = {name: text for name, _, text in pairs}
    expect(fields.get("algorithm") == "RSA256", "no other algorithm is read")
    expect(header.key_version == fields.get("keyVersion") != "", "the key version is as it came")
    expect(header.signature, "a signature is not empty")
    expect(header.signature == _decoded(fields["signature"]), "the signature is as it came")


def seeds() -> Iterator[bytes]:
    """Seeds of the length that a real signature has; its bytes are no signature of anything."""
    signature = bytes(range(256))
    for encoded in (base64.b64encode(signature), base64.urlsafe_b64encode(signature).rstrip(b"=")):
        yield b"algorithm=RSA256, keyVersion=1, signature=" + encoded
        escaped = encoded.replace(b"+", b"%2B").replace(b"/", b"%2F").replace(b"=", b"%3D")
        yield b"signature=" + escaped + b",keyVersion=2,algorithm=RSA256"


def _as_header(data: bytes) -> str:
    """As the HTTP client decodes a header: UTF-8 where it is, else Latin-1."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _decoded(text: str) -> bytes | None:
    """Strict base64 in either alphabet by another way: decode, encode, compare."""
    plain = unquote(text, errors="strict").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        decoded = binascii.a2b_base64(plain + "=" * (-len(plain) % 4), strict_mode=True)
    except ValueError:
        return None
    return decoded if base64.b64encode(decoded).decode().rstrip("=") == plain else None


def _is_everyday(value: str) -> bool:
    head, _, signature = value.partition("algorithm=RSA256,keyVersion=1,signature=")
    unescaped = signature.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
    if head or "%" in unescaped or not signature:
        return False
    try:
        return base64.b64encode(base64.b64decode(unescaped, validate=True)).decode() == unescaped
    except ValueError:
        return False
