"""Signed content and the `Signature` header both ways, with OpenSSL as the other side."""

from __future__ import annotations

import base64
import contextlib
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from cancel_payment.alipay import keys
from cancel_payment.alipay.signing import (
    CANCEL_PAYMENT_PATH,
    PrivateKeySigner,
    SignatureHeaderError,
    read_signature_header,
    signature_header,
    signed_content,
    verifies,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from hypothesis import given
from hypothesis import strategies as st

BODY = '{"paymentRequestId":"支付-20200101234567890000"}'.encode()
CONTENT = (
    b"POST /aps/api/v1/payments/cancelPayment\n"
    b"SANDBOX_5Y0000000000000001.2019-05-28T12:12:12+08:00." + BODY
)


@dataclass(frozen=True)
class OpenSsl:
    """A key pair made by OpenSSL, and its signature of `CONTENT`."""

    directory: Path
    private: RSAPrivateKey
    public: RSAPublicKey
    signature: bytes

    def digest(self, name: str) -> bytes:
        out, content = self.directory / f"{name}.bin", self.directory / "content.bin"
        key = self.directory / "key.pem"
        openssl("dgst", f"-{name}", "-sign", key, "-out", out, content)
        return out.read_bytes()


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def theirs_by_openssl(tmp_path_factory: pytest.TempPathFactory) -> OpenSsl:
    home = tmp_path_factory.mktemp("openssl")
    key, public = home / "key.pem", home / "public.pem"
    (home / "content.bin").write_bytes(CONTENT)
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
    openssl("pkey", "-in", key, "-pubout", "-out", public)
    made = keys.private_key(key.read_text()), keys.public_key(public.read_text())
    signed = OpenSsl(home, *made, b"").digest("sha256")
    return OpenSsl(home, *made, signed)


def test_signed_content_is_the_one_of_the_protocol_byte_for_byte() -> None:
    time = "2019-05-28T12:12:12+08:00"
    assert signed_content(CANCEL_PAYMENT_PATH, "SANDBOX_5Y0000000000000001", time, BODY) == CONTENT


def test_our_signature_header_is_the_one_that_openssl_makes(theirs_by_openssl: OpenSsl) -> None:
    text = base64.b64encode(theirs_by_openssl.signature).decode()
    expected = text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    signature = PrivateKeySigner(theirs_by_openssl.private).sign(CONTENT)
    assert signature_header(signature, "7") == (
        f"algorithm=RSA256,keyVersion=7,signature={expected}"
    )


def test_every_special_character_is_percent_encoded_in_upper_case() -> None:
    header = signature_header(b"\xfb\xef\xff\xff", "1")
    assert header == "algorithm=RSA256,keyVersion=1,signature=%2B%2B%2F%2F%2Fw%3D%3D"


def test_signature_by_openssl_verifies(theirs_by_openssl: OpenSsl) -> None:
    assert verifies(CONTENT, theirs_by_openssl.signature, theirs_by_openssl.public)


@pytest.mark.parametrize("place", [0, 5, 45, 75, len(CONTENT) - 1])
def test_changed_content_does_not_verify(theirs_by_openssl: OpenSsl, place: int) -> None:
    changed = bytearray(CONTENT)
    changed[place] ^= 1
    signature, public = theirs_by_openssl.signature, theirs_by_openssl.public
    assert not verifies(bytes(changed), signature, public)
    assert not verifies(CONTENT + b"\n", signature, public)


@pytest.mark.parametrize("signature", [b"", b"\0", b"\0" * 256, b"\xff" * 256, b"\1" * 1000])
def test_bytes_that_are_no_signature_do_not_verify(
    theirs_by_openssl: OpenSsl, signature: bytes
) -> None:
    assert not verifies(CONTENT, signature, theirs_by_openssl.public)


def test_signature_by_another_digest_does_not_verify(theirs_by_openssl: OpenSsl) -> None:
    assert not verifies(CONTENT, theirs_by_openssl.digest("sha1"), theirs_by_openssl.public)


# Every special character of the alphabet occurs: "+", "/" and the padding.
BYTES = b"\xfb\xef\xbe\xff\xff\xff\xfb\xf0signature"


def spellings(signature: bytes) -> set[str]:
    """Every lawful spelling: either alphabet, padded or not, percent-encoded or not."""
    standard = base64.b64encode(signature).decode()
    url_safe = base64.urlsafe_b64encode(signature).decode()
    plain = {standard, url_safe, standard.rstrip("="), url_safe.rstrip("=")}
    encoded = {quote(text, safe="") for text in plain}
    return plain | encoded | {text.replace("%2B", "%2b").replace("%3D", "%3d") for text in encoded}


def header(signature: str) -> str:
    return f"algorithm=RSA256,keyVersion=1,signature={signature}"


@pytest.mark.parametrize("text", sorted(spellings(BYTES)))
def test_every_lawful_spelling_of_a_signature_is_read(text: str) -> None:
    assert read_signature_header(header(text)).signature == BYTES


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_come_through_every_spelling(signature: bytes) -> None:
    for text in spellings(signature):
        assert read_signature_header(header(text)).signature == signature


@pytest.mark.parametrize(
    ("value", "version"),
    [
        ("algorithm=RSA256,keyVersion=1,signature=U0lH", "1"),
        ("algorithm=RSA256, keyVersion=1, signature=U0lH", "1"),
        ("signature=U0lH,algorithm=RSA256,keyVersion=1", "1"),
        ("keyVersion=1 , signature=U0lH\t, algorithm=RSA256", "1"),
        ("algorithm=RSA256,keyVersion=1,signature=U0lH,somethingNew=yes", "1"),
        ("algorithm=rsa256,keyVersion=2,signature=U0lH", "2"),
        ("algorithm=Rsa256,keyVersion=2,signature=U0lH", "2"),
        ("keyVersion=1,signature=U0lH", "1"),
        ("algorithm=RSA256,signature=U0lH", None),
        ("signature=U0lH", None),
        (",algorithm=RSA256,,keyVersion=1, ,signature=U0lH,", "1"),
    ],
)
def test_pairs_stand_in_any_order_and_some_may_be_absent(value: str, version: str | None) -> None:
    read = read_signature_header(value)
    assert (read.key_version, read.signature) == (version, b"SIG")


PAIRS = "not a list of different name=value pairs"
ALGORITHM = "the algorithm is not RSA256"
MISSING = "signature is missing"
NOT_BASE64 = "the signature is not base64"
NOT_CANONICAL = "the signature is not canonical base64"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", MISSING),
        (",", MISSING),
        ("algorithm=RSA256,keyVersion=1", MISSING),
        ("algorithm=RSA256,keyVersion=1,signature=", MISSING),
        ("U0lH", PAIRS),
        ("algorithm=RSA256,keyVersion=1,signature", PAIRS),
        ("keyVersion=1,signature=U0lH,signature=U0lH", PAIRS),
        ("keyVersion=1,keyVersion=2,signature=U0lH", PAIRS),
        ("algorithm=RSA256,algorithm=none,keyVersion=1,signature=U0lH", PAIRS),
        ("algorithm=RSA512,keyVersion=1,signature=U0lH", ALGORITHM),
        ("algorithm=none,keyVersion=1,signature=U0lH", ALGORITHM),
        ("algorithm=,keyVersion=1,signature=U0lH", ALGORITHM),
        ("keyVersion=,signature=U0lH", "keyVersion is empty"),
        *(
            (header(text), NOT_BASE64)
            for text in ["U0 lH", "U0lH!", "U0\nlH", "U0%20lH", "U0%lH", "U0%00lH", "é0lH", "="]
        ),
        *((header(text), NOT_BASE64) for text in ["U", "U0lHU", "U0=lH", "U0l===", "U0lH%0A"]),
        *((header(text), NOT_CANONICAL) for text in ["U0l", "U0l=", "U1", "U1=="]),
    ],
)
def test_header_that_cannot_be_read_is_refused_with_its_reason(value: str, reason: str) -> None:
    with pytest.raises(SignatureHeaderError) as refusal:
        read_signature_header(value)
    assert str(refusal.value) == reason


def test_plus_is_not_turned_into_a_space() -> None:
    assert read_signature_header(header("++++")).signature == b"\xfb\xef\xbe"


@given(st.text(max_size=60) | st.text(alphabet="algorithmRSA256keyVsn=,%+/ ", max_size=60))
def test_no_text_makes_reading_raise_anything_else(value: str) -> None:
    with contextlib.suppress(SignatureHeaderError):
        read_signature_header(value)
