"""Key pairs, made at run time, in each form in which a person may put them into the secret."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


@dataclass(frozen=True)
class KeyPair:
    """A key pair in each form in which a person may put it into the secret."""

    private: Any

    @property
    def pkcs8(self) -> str:
        return self._private(PrivateFormat.PKCS8)

    @property
    def pkcs1(self) -> str:
        return self._private(PrivateFormat.TraditionalOpenSSL)

    @property
    def spki(self) -> str:
        return self._public(PublicFormat.SubjectPublicKeyInfo)

    @property
    def pkcs1_public(self) -> str:
        return self._public(PublicFormat.PKCS1)

    def _private(self, form: PrivateFormat) -> str:
        return str(self.private.private_bytes(Encoding.PEM, form, NoEncryption()), "ascii")

    def _public(self, form: PublicFormat) -> str:
        return str(self.private.public_key().public_bytes(Encoding.PEM, form), "ascii")


def make_pair(bits: int = 2048) -> KeyPair:
    return KeyPair(rsa.generate_private_key(65537, bits))


@cache
def made(name: str, bits: int = 2048) -> KeyPair:
    """The pair of this name, made once in a process."""
    return make_pair(bits)


def secret_of(ours: KeyPair, theirs: KeyPair) -> dict[str, Any]:
    """A secret with all its fields: our private key, Alipay+'s public one."""
    return {
        "clientId": "SANDBOX_5Y0000000000000001",
        "keyVersion": "1",
        "privateKey": ours.pkcs8,
        "alipayPublicKeys": {"1": theirs.spki},
        "agentToken": "ALIPAY4BAKEDAGENTTOKEN0042",
    }


def bare(pem: str) -> str:
    """The base64 between the lines of a PEM, as the developer centre hands it out."""
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))
