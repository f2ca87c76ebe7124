"""The secret: every form in which people paste keys, and a sentence of its own for each other."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cancel_payment.alipay import keys
from cancel_payment.alipay.credentials import Credentials, CredentialsError, parse_secret
from cancel_payment.alipay.keys import KeyFormError
from cancel_payment.alipay.signing import PrivateKeySigner, Signer
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import KeyPair, bare

type Secret = dict[str, Any]
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


def with_public(secret: Secret, **entries: object) -> Secret:
    return secret | {"alipayPublicKeys": entries}


def parse(secret: object, signer: Signer | None = None) -> Credentials:
    return parse_secret(secret if isinstance(secret, str) else json.dumps(secret), signer)


class NoSigner:
    """In the place of the private key, which takes 35 ms to validate."""

    def sign(self, content: bytes) -> bytes:
        raise NotImplementedError


def refusal(secret: object) -> str:
    with pytest.raises(CredentialsError) as caught:
        parse(secret)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def sentence(fact: str) -> str:
    return (
        f"the credentials secret cannot be used: {fact}. "
        "Put a corrected version into Secrets Manager; no deployment is needed."
    )


@given(paste=pasted("pkcs8", "pkcs1"))
@settings(max_examples=40)  # reading one takes 35 ms
def test_private_key_is_read_however_it_was_pasted(ours: KeyPair, paste: Change) -> None:
    key = keys.private_key(paste(ours))
    assert key.private_numbers() == ours.private.private_numbers()


@given(paste=pasted("spki", "pkcs1_public"))
def test_public_key_is_read_however_it_was_pasted(
    secret: Secret, theirs: KeyPair, paste: Change
) -> None:
    credentials = parse(with_public(secret, **{"7": paste(theirs)}), NoSigner())
    assert credentials.unusable_public_keys == ()
    read = credentials.public_keys["7"].public_numbers()
    assert read == theirs.private.public_key().public_numbers()


def test_key_beside_others_that_are_not_wanted_is_read(ours: KeyPair, theirs: KeyPair) -> None:
    both = theirs.spki + ours.pkcs8
    assert keys.private_key(both).private_numbers() == ours.private.private_numbers()
    assert keys.public_key(both).public_numbers() == theirs.private.public_key().public_numbers()


def test_secret_of_the_contract_is_read(secret: Secret, ours: KeyPair) -> None:
    credentials = parse(secret)
    assert isinstance(credentials.signer, PrivateKeySigner)
    assert credentials.signer.private_key.private_numbers() == ours.private.private_numbers()
    assert (credentials.client_id, credentials.key_version) == (secret["clientId"], "1")
    assert (credentials.agent_token, list(credentials.public_keys)) == (secret["agentToken"], ["1"])


@pytest.mark.parametrize("token", [{}, {"agentToken": None}, {"agentToken": ""}])
def test_agent_token_may_be_absent(secret: Secret, token: Secret) -> None:
    without = {name: value for name, value in secret.items() if name != "agentToken"}
    assert parse(without | token).agent_token is None


def test_forms_of_the_secret_itself(secret: Secret) -> None:
    text = json.dumps(secret | {"keyVersion": 2, "unknown": [1], "number": 1})
    assert parse("\ufeff" + text.replace("\\n", "\n")).key_version == "2"
    assert parse(text.replace('"number": 1', '"number": ' + "9" * 5000)).key_version == "2"


def test_signer_that_is_given_takes_the_place_of_the_private_key(
    secret: Secret, ours: KeyPair
) -> None:
    signer = PrivateKeySigner(ours.private)
    for private_key in ({}, {"privateKey": "anything"}):
        rest = {name: value for name, value in secret.items() if name != "privateKey"}
        assert parse_secret(json.dumps(rest | private_key), signer).signer is signer


@dataclass(frozen=True)
class Others:
    """Keys, and what may be taken for keys, that cannot be used."""

    elliptic: KeyPair
    weak: KeyPair
    ours: KeyPair
    theirs: KeyPair

    def _private(self, form: PrivateFormat, password: bytes) -> str:
        hidden = BestAvailableEncryption(password)
        made: bytes = self.ours.private.private_bytes(Encoding.PEM, form, hidden)
        return made.decode()

    @property
    def encrypted(self) -> str:
        return self._private(PrivateFormat.PKCS8, b"passphrase")

    @property
    def encrypted_traditional(self) -> str:
        return self._private(PrivateFormat.TraditionalOpenSSL, b"passphrase")

    @property
    def openssh(self) -> str:
        form = (Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        made: bytes = self.ours.private.private_bytes(*form)
        return made.decode()

    @property
    def certificate(self) -> str:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alipay")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(name, name, self.theirs.private.public_key(), 1)
        builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
        return builder.sign(self.theirs.private, SHA256()).public_bytes(Encoding.PEM).decode()

    @property
    def mixed(self) -> str:
        """A private key whose parts do not belong together."""
        mine, other = self.ours.private.private_numbers(), self.theirs.private.private_numbers()
        numbers = rsa.RSAPrivateNumbers(
            mine.p, mine.q, other.d, other.dmp1, other.dmq1, mine.iqmp, mine.public_numbers
        )
        return KeyPair(numbers.private_key(unsafe_skip_rsa_key_validation=True)).pkcs8

    @property
    def edwards(self) -> KeyPair:
        return KeyPair(ed25519.Ed25519PrivateKey.generate())


@pytest.fixture(scope="module")
def others(elliptic: KeyPair, weak: KeyPair, ours: KeyPair, theirs: KeyPair) -> Others:
    return Others(elliptic, weak, ours, theirs)


CURVE = "is a key of an elliptic curve, not RSA"
ENCRYPTED = "is encrypted; store it without a passphrase"
PUBLIC = "is a public key, where the private one belongs"
PRIVATE = "is a private key, where Alipay+'s public one belongs"
CERTIFICATE = "is a certificate, not a key"
WEAK = "is RSA of 1024 bits; at least 2048 are needed"
NOT_BASE64 = "is neither PEM nor base64, or it is cut short"
NO_BEGIN = "has no line -----BEGIN …-----: it is cut short"
SHORT = "is cut short"


def without_end(pem: str) -> str:
    return pem[: pem.index("-----END")]


REFUSED_PRIVATE: dict[str, tuple[Callable[[Others], str], str]] = {
    "blank": (lambda _: " \n\\n'' ", "is empty"),
    "encrypted": (lambda o: o.encrypted, ENCRYPTED),
    "encrypted, bare": (lambda o: bare(o.encrypted), ENCRYPTED),
    "encrypted, traditional": (lambda o: o.encrypted_traditional, ENCRYPTED),
    "elliptic": (lambda o: o.elliptic.pkcs8, CURVE),
    "elliptic, bare": (lambda o: bare(o.elliptic.pkcs8), CURVE),
    "elliptic, SEC 1": (lambda o: o.elliptic.pkcs1, CURVE),
    "elliptic parameters": (
        lambda _: "-----BEGIN EC PARAMETERS-----\nBg==\n-----END EC PARAMETERS-----",
        CURVE,
    ),
    "another kind": (lambda o: o.edwards.pkcs8, "is not an RSA key"),
    "DSA": (
        lambda _: "-----BEGIN DSA PRIVATE KEY-----\nMA==\n-----END DSA PRIVATE KEY-----",
        "is a DSA key, not RSA",
    ),
    "OpenSSH": (lambda o: o.openssh, "is in OpenSSH's own format; export it as PKCS #8"),
    "public": (lambda o: o.ours.spki, PUBLIC),
    "public, PKCS #1": (lambda o: o.ours.pkcs1_public, PUBLIC),
    "public, bare": (lambda o: bare(o.ours.spki), PUBLIC),
    "certificate": (lambda o: o.certificate, CERTIFICATE),
    "certificate, bare": (lambda o: bare(o.certificate), CERTIFICATE),
    "certificate request": (
        lambda o: o.certificate.replace("CERTIFICATE", "CERTIFICATE REQUEST"),
        "is a certificate request, not a key",
    ),
    "new certificate request": (
        lambda o: o.certificate.replace("CERTIFICATE", "NEW CERTIFICATE REQUEST"),
        "is a certificate request, not a key",
    ),
    "another PEM": (
        lambda _: "-----BEGIN PGP MESSAGE-----\nMA==\n-----END PGP MESSAGE-----",
        "is a PEM of another kind",
    ),
    "two": (lambda o: o.ours.pkcs8 + o.theirs.pkcs8, "holds more than one key"),
    "weak": (lambda o: o.weak.pkcs8, WEAK),
    "weak, bare": (lambda o: bare(o.weak.pkcs1), WEAK),
    "of parts that do not belong together": (lambda o: o.mixed, "is not a sound RSA private key"),
    "other DER": (lambda _: "MAMCAQE=", "is not a sound RSA private key"),
    "no DER": (lambda _: "AAAA", "is not a sound RSA private key"),
    "words": (lambda _: "the key is in the safe", NOT_BASE64),
    "a letter lost": (lambda o: bare(o.ours.pkcs8)[1:], NOT_BASE64),
    "first half": (lambda o: bare(o.ours.pkcs8)[:800], SHORT),
    "last line of the PEM missing": (
        lambda o: without_end(o.ours.pkcs8),
        "has no line -----END PRIVATE KEY-----: it is cut short",
    ),
    "first line missing": (lambda o: o.ours.pkcs8.partition("\n")[2], NO_BEGIN),
    "a line in the middle missing": (
        lambda o: "".join(o.ours.pkcs8.splitlines(True)[:9] + o.ours.pkcs8.splitlines(True)[10:]),
        SHORT,
    ),
}
REFUSED_PUBLIC: dict[str, tuple[Callable[[Others], str], str]] = {
    "blank": (lambda _: "", "is empty"),
    "private": (lambda o: o.ours.pkcs8, PRIVATE),
    "private, PKCS #1": (lambda o: o.ours.pkcs1, PRIVATE),
    "private, bare": (lambda o: bare(o.ours.pkcs8), PRIVATE),
    "encrypted": (lambda o: o.encrypted, ENCRYPTED),
    "encrypted, bare": (
        lambda o: bare(o.encrypted),
        "is an encrypted private key, where Alipay+'s public one belongs",
    ),
    "certificate": (lambda o: o.certificate, CERTIFICATE),
    "certificate, bare": (lambda o: bare(o.certificate), CERTIFICATE),
    "elliptic": (lambda o: o.elliptic.spki, CURVE),
    "another kind": (lambda o: o.edwards.spki, "is not an RSA key"),
    "weak": (lambda o: o.weak.spki, WEAK),
    "cut short": (lambda o: bare(o.theirs.spki)[:200], SHORT),
    "other DER": (lambda _: "MAMCAQE=", "is not a sound RSA public key"),
    "words": (lambda _: "?", NOT_BASE64),
}


@pytest.mark.parametrize("kind", REFUSED_PRIVATE)
def test_whatever_else_is_no_private_key_and_is_called_what_it_is(
    secret: Secret, others: Others, kind: str
) -> None:
    make, fact = REFUSED_PRIVATE[kind]
    assert refusal(secret | {"privateKey": make(others)}) == sentence(f"privateKey {fact}")


@pytest.mark.parametrize("kind", REFUSED_PUBLIC)
def test_public_key_that_cannot_be_used_costs_itself_alone(
    secret: Secret, others: Others, kind: str
) -> None:
    make, fact = REFUSED_PUBLIC[kind]
    entries = {"2": make(others), "1": others.theirs.spki}
    credentials = parse(with_public(secret, **entries), NoSigner())
    assert credentials.unusable_public_keys == (f"alipayPublicKeys.2 {fact}",)
    assert list(credentials.public_keys) == ["1"]


def test_dsa_and_rsa_public_keys_are_told_apart() -> None:
    made = dsa.generate_parameters(1024).generate_private_key().public_key()
    pem = made.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(KeyFormError, match="is not an RSA key"):
        keys.public_key(pem)


NO_MAP = "alipayPublicKeys must map key versions to public keys"
ODD = "is too long, or holds a character that it cannot have"


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"clientId": None}, "clientId is missing"),
        ({"clientId": ""}, "clientId is missing"),
        ({"clientId": 7}, "clientId is a number, not a string"),
        ({"clientId": {}}, "clientId is an object, not a string"),
        ({"clientId": "a b"}, f"clientId {ODD}"),
        ({"clientId": "ä"}, f"clientId {ODD}"),
        ({"clientId": "c" * 513}, f"clientId {ODD}"),
        ({"keyVersion": None}, "keyVersion is missing"),
        ({"keyVersion": True}, "keyVersion is true or false, not a string"),
        ({"keyVersion": 1.5}, "keyVersion is a number, not a string"),
        ({"keyVersion": "1,2"}, f"keyVersion {ODD}"),
        ({"keyVersion": "1" * 33}, f"keyVersion {ODD}"),
        ({"privateKey": None}, "privateKey is missing"),
        ({"privateKey": ["k"]}, "privateKey is a list, not a string"),
        ({"agentToken": 7}, "agentToken is a number, not a string"),
        ({"agentToken": "a\nb"}, f"agentToken {ODD}"),
        ({"alipayPublicKeys": None}, NO_MAP),
        ({"alipayPublicKeys": {}}, NO_MAP),
        ({"alipayPublicKeys": "MIIB"}, NO_MAP),
        ({"alipayPublicKeys": {"1": 1}}, "alipayPublicKeys.1 is not a string"),
        (
            {"alipayPublicKeys": {"": "k", "2": "?"}},
            "the version of entry 1 of alipayPublicKeys is no short name; "
            f"alipayPublicKeys.2 {NOT_BASE64}",
        ),
    ],
)
def test_field_that_cannot_be_used_is_named(secret: Secret, change: Secret, fact: str) -> None:
    assert refusal(secret | change) == sentence(fact)


@pytest.mark.parametrize(
    "change", [{"clientId": "c" * 512}, {"keyVersion": "A.b_c-9" * 4}, {"agentToken": "!~"}]
)
def test_field_at_its_bounds_is_taken(secret: Secret, change: Secret) -> None:
    parse(secret | change)


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text[:-1],
        lambda text: text[:900],
        lambda text: text.replace('"', "'"),
        lambda text: f"[{text}]",
        json.dumps,
        lambda _: "",
        lambda _: "null",
        lambda text: "[" * 100_000 + text,
    ],
)
def test_secret_that_is_no_json_object_is_refused(
    secret: Secret, broken: Callable[[str], str]
) -> None:
    assert refusal(broken(json.dumps(secret))) == sentence("it is not a JSON object")


def swapped(secret: Secret) -> list[object]:
    """Keys where they do not belong."""
    private, public = secret["privateKey"], secret["alipayPublicKeys"]["1"]
    text = json.dumps(secret)
    places = ["clientId", "keyVersion", "agentToken"]
    return [
        *(secret | {place: form(private)} for place in places for form in (str, bare)),
        with_public(secret, **{bare(private): "1"}),
        with_public(secret, **{public: "1"}),
        with_public(secret, **{"1": private}),
        secret | {"privateKey": public},
        secret | {"privateKey": bare(private)[:800]},
        secret | {"privateKey": [private]},
        text[:900],
        text.replace('"', "'"),
        private,
    ]


def test_no_refusal_shows_a_part_of_a_key_or_token_however_it_is_printed(secret: Secret) -> None:
    texts = [secret["privateKey"], secret["alipayPublicKeys"]["1"], secret["agentToken"]]
    pieces = [bare(text)[at : at + 8] for text in texts for at in range(0, len(bare(text)) - 8)]
    for broken in swapped(secret):
        with pytest.raises(CredentialsError) as caught:
            parse(broken)
        error = caught.value
        printed = "".join(traceback.format_exception(error)) + f"{error!r}{error.args}"
        assert not any(piece in printed for piece in pieces)
    printed = repr(parse(secret))
    assert not any(piece in printed for piece in pieces)


@given(st.characters(min_codepoint=0x80), st.floats(0, 1), st.booleans(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_character_beyond_ascii_anywhere_costs_that_key_alone(
    secret: Secret, theirs: KeyPair, stranger: str, place: float, is_bare: bool, as_pkcs1: bool
) -> None:
    pem = theirs.pkcs1_public if as_pkcs1 else theirs.spki
    text = bare(pem) if is_bare else pem
    at = round(place * len(text))
    entries = {"good": theirs.spki, "spoiled": text[:at] + stranger + text[at:]}
    credentials = parse(with_public(secret, **entries), NoSigner())
    assert "good" in credentials.public_keys
    for refused in credentials.unusable_public_keys:
        assert refused.startswith("alipayPublicKeys.spoiled ")
        assert stranger in "\u2026" or stranger not in refused
        assert "Error" not in refused
    assert len(credentials.public_keys) + len(credentials.unusable_public_keys) == 2


@given(st.characters(min_codepoint=0x80), st.floats(0, 1), st.booleans())
@settings(max_examples=60, deadline=None)
def test_private_key_with_a_character_beyond_ascii_is_read_or_refused_by_a_sentence(
    ours: KeyPair, stranger: str, place: float, is_bare: bool
) -> None:
    text = bare(ours.pkcs8) if is_bare else ours.pkcs8
    at = round(place * len(text))
    try:
        key = keys.private_key(text[:at] + stranger + text[at:])
    except KeyFormError as error:
        assert stranger in "\u2026" or stranger not in str(error)
    else:
        assert key.private_numbers() == ours.private.private_numbers()
