"""One key: every form in which people paste it is read, each other is called what it is."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cancel_payment.alipay import keys
from cancel_payment.alipay.credentials import parse_secret
from cancel_payment.alipay.pem import KeyFormError
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import KeyPair, bare
from tests.unit.cases import NoSigner

type Change = Callable[[KeyPair], str]

BEFORE = ["", "# handed out on 2026-11-01\n", "\n\n"]
BEFORE += ["Bag Attributes\n    friendlyName: alipay\nKey Attributes: <No Attributes>\n"]
BREAKS = ["\n", "\r\n", "\r", "", " ", "\\n", "\\r\\n", "\n\n", " \n", "\n    "]
AROUND = [("", ""), ('"', '"'), ("'", "'\n"), ("\ufeff", ""), ("  ", " \n"), ("\u201c", "\u201d")]
AROUND += [("\u2018", "\u2019"), ("\xab\xa0", "\xa0\xbb"), ("\u200b", "\u200b")]
AROUND += [("\u2060\u200d", "\u200c"), ("\n", "\nkeep it safe\n")]


@st.composite
def pasted(draw: st.DrawFn, *forms: str) -> Change:
    """How somebody may have pasted one of these forms of a key pair."""
    form, brk = draw(st.sampled_from(forms)), draw(st.sampled_from(BREAKS))
    before, (first, last) = draw(st.sampled_from(BEFORE)), draw(st.sampled_from(AROUND))
    is_bare, relabelled = draw(st.booleans()), draw(st.booleans())
    if is_bare:
        before, last = "", last.replace("keep it safe", "")

    def paste(pair: KeyPair) -> str:
        pem: str = getattr(pair, form)
        if relabelled and form == "pkcs8":
            pem = pem.replace(" PRIVATE KEY", " RSA PRIVATE KEY")
        lines = pem.splitlines()[1:-1] if is_bare else pem.splitlines()
        return first + (before + "\n".join(lines)).replace("\n", brk) + last

    return paste


@given(paste=pasted("pkcs8", "pkcs1"))
def test_private_key_is_read_however_it_was_pasted(ours: KeyPair, paste: Change) -> None:
    key = keys.private_key(paste(ours))
    assert key.private_numbers() == ours.private.private_numbers()


@given(paste=pasted("spki", "pkcs1_public"))
def test_public_key_is_read_however_it_was_pasted(theirs: KeyPair, paste: Change) -> None:
    key = keys.public_key(paste(theirs))
    assert key.public_numbers() == theirs.private.public_key().public_numbers()


def test_key_beside_others_that_are_not_wanted_is_read(ours: KeyPair, theirs: KeyPair) -> None:
    both = theirs.spki + ours.pkcs8
    assert keys.private_key(both).private_numbers() == ours.private.private_numbers()
    assert keys.public_key(both).public_numbers() == theirs.private.public_key().public_numbers()


def written(key: Any, form: PrivateFormat, password: bytes | None = None) -> str:
    hidden = BestAvailableEncryption(password) if password else NoEncryption()
    made: bytes = key.private_bytes(Encoding.PEM, form, hidden)
    return made.decode()


def certificate(pair: KeyPair) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alipay")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, pair.private.public_key(), 1)
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(pair.private, SHA256()).public_bytes(Encoding.PEM).decode()


def of_two(mine: Any, other: Any) -> str:
    """A private key whose parts do not belong together."""
    rest = (mine.p, mine.q, other.d, other.dmp1, other.dmq1, mine.iqmp, mine.public_numbers)
    numbers = rsa.RSAPrivateNumbers(*rest)
    return KeyPair(numbers.private_key(unsafe_skip_rsa_key_validation=True)).pkcs8


def pkcs1(*numbers: int) -> str:
    """The bare DER of a key of any numbers: the library writes none that it would refuse."""

    def tagged(tag: int, content: bytes) -> bytes:
        size, long = len(content), (len(content).bit_length() + 7) // 8
        length = bytes([size]) if size < 128 else bytes([128 + long]) + size.to_bytes(long)
        return bytes([tag]) + length + content

    integers = (tagged(2, one.to_bytes(one.bit_length() // 8 + 1)) for one in numbers)
    return base64.b64encode(tagged(0x30, b"".join(integers))).decode()


def of_its_own(p: int, q: int, e: int, d: int) -> str:
    return pkcs1(0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))


def block(label: str) -> str:
    return f"-----BEGIN {label}-----\nMA==\n-----END {label}-----"


CURVE = "is a key of an elliptic curve, not RSA"
ENCRYPTED = "is encrypted; store it without a passphrase"
CERTIFICATE = "is a certificate, not a key"
WEAK = "is RSA of 1024 bits; 2048 to 8192 are needed"
LONG = "is RSA of 8194 bits; 2048 to 8192 are needed"
ODD = "is RSA with a modulus or an exponent that is none"
NOT_BASE64 = "is neither PEM nor base64, or it is cut short"


def assert_refused(read: Callable[[str], object], texts: dict[str, list[str]]) -> None:
    """Each text by its sentence, which quotes nothing of it, nor does the error behind it."""
    for fact, refused in texts.items():
        for text in refused:
            with pytest.raises(KeyFormError) as caught:
                read(text)
            assert str(caught.value) == fact, text[:60]
            assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_whatever_else_is_no_private_key_is_called_what_it_is(
    ours: KeyPair, theirs: KeyPair, weak: KeyPair, elliptic: KeyPair
) -> None:
    locked = written(ours.private, PrivateFormat.PKCS8, b"passphrase")
    also_locked = written(ours.private, PrivateFormat.TraditionalOpenSSL, b"passphrase")
    lines, sealed = ours.pkcs8.splitlines(True), certificate(theirs)
    edwards = ed25519.Ed25519PrivateKey.generate()
    mine = ours.private.private_numbers()
    mixed = of_two(mine, theirs.private.private_numbers())
    openssh = written(ours.private, PrivateFormat.OpenSSH)
    requests = [block(label) for label in ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")]
    texts = {
        "is empty": [" \n\\n'' "],
        ENCRYPTED: [locked, bare(locked), also_locked],
        CURVE: [elliptic.pkcs8, bare(elliptic.pkcs8), elliptic.pkcs1, block("EC PARAMETERS")],
        "is not an RSA key": [written(edwards, PrivateFormat.PKCS8)],
        "is a DSA key, not RSA": [block("DSA PRIVATE KEY")],
        "is in OpenSSH's own format; export it as PKCS #8": [openssh],
        "is a public key, where the private one belongs": [
            *(ours.spki, ours.pkcs1_public, bare(ours.spki))
        ],
        CERTIFICATE: [sealed, bare(sealed)],
        "is a certificate request, not a key": requests,
        "is a PEM of another kind": [block("PGP MESSAGE")],
        "holds more than one key": [ours.pkcs8 + theirs.pkcs8],
        WEAK: [weak.pkcs8, bare(weak.pkcs1)],
        # Longer ones would take a batch's time to sign with, and even to be tried.
        LONG: [of_its_own(2**4097 - 1, 2**4097 - 3, 65537, 65537)],
        ODD: [of_its_own(mine.p, mine.q, 1, 1)],
        "is not a sound RSA private key": [mixed, "MAMCAQE=", "AAAA"],
        NOT_BASE64: ["the key is in the safe", bare(ours.pkcs8)[1:]],
        "is cut short": [bare(ours.pkcs8)[:800], "".join(lines[:9] + lines[10:])],
        "has no line -----END PRIVATE KEY-----: it is cut short": ["".join(lines[:-1])],
        "has no line -----BEGIN …-----: it is cut short": ["".join(lines[1:])],
    }
    assert_refused(keys.private_key, texts)


def test_whatever_else_is_no_public_key_is_called_what_it_is(
    ours: KeyPair, theirs: KeyPair, weak: KeyPair, elliptic: KeyPair
) -> None:
    locked, sealed = written(ours.private, PrivateFormat.PKCS8, b"passphrase"), certificate(theirs)
    edwards = KeyPair(ed25519.Ed25519PrivateKey.generate())
    digital = KeyPair(dsa.generate_parameters(1024).generate_private_key())
    private = "private key, where Alipay+'s public one belongs"
    texts = {
        "is empty": [""],
        f"is a {private}": [ours.pkcs8, ours.pkcs1, bare(ours.pkcs8)],
        ENCRYPTED: [locked],
        f"is an encrypted {private}": [bare(locked)],
        CERTIFICATE: [sealed, bare(sealed)],
        CURVE: [elliptic.spki],
        "is not an RSA key": [edwards.spki, digital.spki],
        WEAK: [weak.spki],
        LONG: [pkcs1(2**8193 + 1, 65537)],
        ODD: [pkcs1(2**2047 + 2, 65537), pkcs1(2**2047 + 1, 2**64 + 1)],
        "is cut short": [bare(theirs.spki)[:200], bare(weak.pkcs1_public)[:80]],
        "is not a sound RSA public key": ["MAMCAQE="],
        NOT_BASE64: ["?"],
    }
    assert_refused(keys.public_key, texts)


@pytest.mark.parametrize("key", [(2**2047 + 1, 3), (2**8191 + 1, 2**64 - 1)])
def test_public_key_within_the_bounds_is_read(key: tuple[int, int]) -> None:
    numbers = keys.public_key(pkcs1(*key)).public_numbers()
    assert (numbers.n, numbers.e) == key


@given(
    stranger=st.characters(min_codepoint=0x80),
    place=st.floats(0, 1),
    form=st.sampled_from(["spki", "pkcs1_public"]),
    is_bare=st.booleans(),
)
def test_character_beyond_ascii_anywhere_costs_that_key_alone(
    secret: dict[str, Any], theirs: KeyPair, stranger: str, place: float, form: str, is_bare: bool
) -> None:
    text = bare(getattr(theirs, form)) if is_bare else getattr(theirs, form)
    at = round(place * len(text))
    entries = {"good": theirs.spki, "spoiled": text[:at] + stranger + text[at:]}
    credentials = parse_secret(json.dumps(secret | {"alipayPublicKeys": entries}), NoSigner())
    assert "good" in credentials.public_keys
    for refused in credentials.unusable_public_keys:
        assert refused.startswith("alipayPublicKeys.spoiled ")
        assert stranger in "\u2026" or stranger not in refused
        assert "Error" not in refused
    assert len(credentials.public_keys) + len(credentials.unusable_public_keys) == 2
