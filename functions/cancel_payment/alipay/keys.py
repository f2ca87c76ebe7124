"""One RSA key, in the forms in which people really paste it. Pure.

Read: PKCS #8 or PKCS #1, SPKI or PKCS #1, as text in any form that `pem` reads. Every other form
is refused by a sentence that says what it is, and never quotes it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from cancel_payment.alipay.pem import ELLIPTIC, ENCRYPTED, KeyFormError, der_of
from cancel_payment.alipay.signing import PrivateKeySigner, verifies

MIN_KEY_BITS: Final = 2048
# Alipay+'s keys are RSA-2048. Longer than this, ten signatures would not fit into a call's time.
MAX_KEY_BITS: Final = 8192

_NOT_SOUND: Final = "is not a sound RSA private key"
_PROBE: Final = b"probe"


def private_key(text: str) -> RSAPrivateKey:
    """The private key in `text`.

    OpenSSL's full check of it would take 35 ms of every cold start. A signature that verifies
    (1 ms) shows that its parts belong together; `make doctor` makes the full check.

    Raises
    ------
    KeyFormError
        Whatever else it is.
    """
    der = der_of(text, "PRIVATE KEY", "RSA PRIVATE KEY")
    try:
        key = serialization.load_der_private_key(
            der, password=None, unsafe_skip_rsa_key_validation=True
        )
    except TypeError:
        raise KeyFormError(ENCRYPTED) from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFormError(_not_private(der)) from None
    if not isinstance(key, RSAPrivateKey):
        raise KeyFormError(_not_rsa(key))
    _refuse_unusable(key.public_key())
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
    der = der_of(text, "PUBLIC KEY", "RSA PUBLIC KEY")
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFormError(_not_public(der)) from None
    if not isinstance(key, RSAPublicKey):
        raise KeyFormError(_not_rsa(key))
    _refuse_unusable(key)
    return key


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
        return ELLIPTIC
    return "is not an RSA key"


def _refuse_unusable(key: RSAPublicKey) -> None:
    """Refuse what reads well and would verify nothing, or would take a batch's time."""
    if not MIN_KEY_BITS <= key.key_size <= MAX_KEY_BITS:
        bounds = f"{MIN_KEY_BITS} to {MAX_KEY_BITS} are needed"
        raise KeyFormError(f"is RSA of {key.key_size} bits; {bounds}")
    numbers = key.public_numbers()
    # OpenSSL takes no longer exponent beside a modulus of more than 3,072 bits.
    if not 3 <= numbers.e < 2**64 or numbers.n % 2 == 0:
        raise KeyFormError("is RSA with a modulus or an exponent that is none")
