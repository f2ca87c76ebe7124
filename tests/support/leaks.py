"""What must never be seen, and how it is recognised whatever form it was printed in.

A private key is sought as its base64 (PEM or bare, with the line ends of a file, of JSON or of a
Python repr, percent-encoded or not) and as its secret numbers, decimal and hexadecimal. It is cut
into pieces: a piece in the text is a leak, wherever the rest is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

PIECE = 16
SECRET_FIELDS = ("privateKey", "agentToken")

# Recognised without knowing a run's keys. A public key is not among them: it hurts nobody.
GENERIC = {
    "a private key's PEM": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a whole signature": re.compile(rb"signature=[A-Za-z0-9+/=_-]{200,}"),
    "a secret's text": re.compile(rb'\\*"privateKey\\*" *:'),
}
# White space, a line end as JSON or a repr writes it, and the percent-encoding of base64's signs.
_NOISE = re.compile(rb"\\+[nrt]|\s+|[\"']\s*\n\s*[\"']")
_PERCENT = {b"%2B": b"+", b"%2b": b"+", b"%2F": b"/", b"%2f": b"/", b"%3D": b"=", b"%3d": b"="}


@dataclass(frozen=True, slots=True)
class Leak:
    """Something secret in a text; never the thing itself."""

    what: str
    place: int


@dataclass(frozen=True, slots=True)
class Material:
    """All that is secret in one run, in pieces: what it is a piece of, by the piece."""

    pieces: dict[bytes, str]

    @classmethod
    def of(cls, values: Iterable[tuple[str, str]]) -> Material:
        """The material of named secrets: keys, tokens, signatures."""
        pieces: dict[bytes, str] = {}
        for name, value in values:
            for form in _forms(value):
                text = form.encode()
                for at in range(0, max(1, len(text) - PIECE + 1), PIECE):
                    pieces.setdefault(text[at : at + PIECE], name)
        return cls(pieces)

    @classmethod
    def in_directories(cls, directories: Iterable[Path]) -> Material:
        """The material of the key files of `sandbox.gateway.keys` in these directories."""
        found: list[tuple[str, str]] = []
        for directory in directories:
            for path in sorted(directory.glob("*.json")):
                found += _secrets(json.loads(path.read_text()), path.name)
        return cls.of(found)

    def leaks(self, text: bytes) -> list[Leak]:
        """Everything secret in a text, the first place of each."""
        plain = _NOISE.sub(b"", text)
        for code, sign in _PERCENT.items():
            plain = plain.replace(code, sign)
        found = {
            f"{name} (generic)": match.start()
            for name, form in GENERIC.items()
            if (match := form.search(text) or form.search(plain))
        }
        for piece, name in self.pieces.items():
            if name not in found and (place := plain.find(piece)) >= 0:
                found[name] = place
        return [Leak(what, place) for what, place in found.items()]


def scan(paths: Iterable[Path], material: Material) -> Iterator[tuple[Path, Leak]]:
    """All leaks in these files."""
    for path in sorted(paths):
        for leak in material.leaks(path.read_bytes()):
            yield path, leak


def _secrets(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in SECRET_FIELDS and isinstance(inner, str):
                yield f"{key} of {name}", inner
            else:
                yield from _secrets(inner, name)


def _forms(value: str) -> Iterator[str]:
    body = "".join(line for line in value.splitlines() if not line.startswith("-----"))
    body = "".join(body.split())
    key = _private_key(value)
    if key is None:
        yield body
        return
    # It begins with version and modulus, which the public key shows to everybody.
    yield body[(key.key_size // 8 + 50) * 4 // 3 :]
    numbers = key.private_numbers()
    for number in (numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp):
        yield str(number)
        yield f"{number:x}"


def _private_key(value: str) -> RSAPrivateKey | None:
    try:
        if value.lstrip().startswith("-----"):
            key = load_pem_private_key(value.encode(), None)
        else:
            key = load_der_private_key(base64.b64decode(value, validate=True), None)
    except (ValueError, TypeError, binascii.Error):
        return None
    return key if isinstance(key, RSAPrivateKey) else None
