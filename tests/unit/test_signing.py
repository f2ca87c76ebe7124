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
from hypothesis import example, given
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


def test_signature_by_openssl_verifies_and_nothing_else_does(theirs_by_openssl: OpenSsl) -> None:
    signature, public = theirs_by_openssl.signature, theirs_by_openssl.public
    assert verifies(CONTENT, signature, public)
    for place in (0, 5, 45, 75, len(CONTENT) - 1):
        changed = bytearray(CONTENT)
        changed[place] ^= 1
        assert not verifies(bytes(changed), signature, public)
    assert not verifies(CONTENT + b"\n", signature, public)
    others = [
        b"",
        b"\0",
        b"\0" * 256,
        b"\xff" * 256,
        b"\1" * 1000,
        theirs_by_openssl.digest("sha1"),
    ]
    assert not any(verifies(CONTENT, other, public) for other in others)


def spellings(signature: bytes) -> set[str]:
    """Every lawful spelling: either alphabet, padded or not, percent-encoded or not."""
    standard = base64.b64encode(signature).decode()
    url_safe = base64.urlsafe_b64encode(signature).decode()
    plain = {standard, url_safe, standard.rstrip("="), url_safe.rstrip("=")}
    encoded = {quote(text, safe="") for text in plain}
    return plain | encoded | {text.replace("%2B", "%2b").replace("%3D", "%3d") for text in encoded}


def header(signature: str) -> str:
    return f"algorithm=RSA256,keyVersion=1,signature={signature}"


# Every special character of the alphabet occurs: "+", "/" and the padding.
@example(b"\xfb\xef\xbe\xff\xff\xff\xfb\xf0signature")
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


REFUSED = {
    "signature is missing": [
        *("", ",", "algorithm=RSA256,keyVersion=1", "algorithm=RSA256,keyVersion=1,signature="),
    ],
    "not a list of different name=value pairs": [
        *("U0lH", "algorithm=RSA256,keyVersion=1,signature"),
        *("keyVersion=1,signature=U0lH,signature=U0lH", "keyVersion=1,keyVersion=2,signature=U0lH"),
        "algorithm=RSA256,algorithm=none,keyVersion=1,signature=U0lH",
    ],
    "the algorithm is not RSA256": [
        f"algorithm={other},keyVersion=1,signature=U0lH" for other in ("RSA512", "none", "")
    ],
    "keyVersion is empty": ["keyVersion=,signature=U0lH"],
    "the signature is not base64": [
        *map(header, ["U0 lH", "U0lH!", "U0\nlH", "U0%20lH", "U0%lH", "U0%00lH", "é0lH", "="]),
        *map(header, ["U", "U0lHU", "U0=lH", "U0l===", "U0lH%0A"]),
    ],
    "the signature is not canonical base64": [*map(header, ["U0l", "U0l=", "U1", "U1=="])],
}


@pytest.mark.parametrize("reason", REFUSED)
def test_header_that_cannot_be_read_is_refused_with_its_reason(reason: str) -> None:
    for value in REFUSED[reason]:
        with pytest.raises(SignatureHeaderError) as refusal:
            read_signature_header(value)
        assert str(refusal.value) == reason, value


def test_plus_is_not_turned_into_a_space() -> None:
    assert read_signature_header(header("++++")).signature == b"\xfb\xef\xbe"


@given(st.text(max_size=60) | st.text(alphabet="algorithmRSA256keyVsn=,%+/ ", max_size=60))
def test_no_text_makes_reading_raise_anything_else(value: str) -> None:
    with contextlib.suppress(SignatureHeaderError):
        read_signature_header(value)
