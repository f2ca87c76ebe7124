"""Our signature against one made with the OpenSSL command line, and theirs verified by ours."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cancel_payment.credentials import parse_secret
from cancel_payment.signing import read_signature_header, sign, signed_content, verifies

BODY = '{"paymentRequestId":"支付-20200101234567890000"}'.encode()
CONTENT = (
    b"POST /aps/api/v1/payments/cancelPayment\n"
    b"SANDBOX_5Y0000000000000001.2019-05-28T12:12:12+08:00." + BODY
)


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def openssl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with key.pem, public.pem, and content.bin signed as signature.bin."""
    home = tmp_path_factory.mktemp("openssl")
    key, content = str(home / "key.pem"), home / "content.bin"
    content.write_bytes(CONTENT)
    _openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
    _openssl("pkey", "-in", key, "-pubout", "-out", str(home / "public.pem"))
    signature = str(home / "signature.bin")
    _openssl("dgst", "-sha256", "-sign", key, "-out", signature, str(content))
    return home


@pytest.fixture(scope="module")
def keys(openssl: Path, secret: dict[str, Any]) -> Any:
    text = json.dumps(
        secret
        | {
            "privateKey": (openssl / "key.pem").read_text(),
            "alipayPublicKeys": {"1": (openssl / "public.pem").read_text()},
        }
    )
    return parse_secret(text)


def _percent_encoded(signature: bytes) -> str:
    text = base64.b64encode(signature).decode()
    return text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")


def test_signed_content_is_the_one_of_the_contract_byte_for_byte() -> None:
    content = signed_content("SANDBOX_5Y0000000000000001", "2019-05-28T12:12:12+08:00", BODY)
    assert content == CONTENT


def test_signature_header_is_the_one_that_openssl_makes(openssl: Path, keys: Any) -> None:
    expected = _percent_encoded((openssl / "signature.bin").read_bytes())
    header = sign(CONTENT, keys.private_key, "7")
    assert header == f"algorithm=RSA256,keyVersion=7,signature={expected}"


def test_signature_by_openssl_verifies(openssl: Path, keys: Any) -> None:
    value = _percent_encoded((openssl / "signature.bin").read_bytes())
    header = read_signature_header(f"algorithm=RSA256,keyVersion=1,signature={value}")
    assert verifies(CONTENT, header.signature, keys.public_keys["1"])


@pytest.mark.parametrize("place", [0, 5, 45, len(CONTENT) - 1])
def test_signature_does_not_verify_once_a_byte_of_the_content_has_changed(
    openssl: Path, keys: Any, place: int
) -> None:
    changed = bytearray(CONTENT)
    changed[place] ^= 1
    signature = (openssl / "signature.bin").read_bytes()
    assert not verifies(bytes(changed), signature, keys.public_keys["1"])


@pytest.mark.parametrize("signature", [b"", b"\0", b"\0" * 256, b"\xff" * 256, b"\1" * 1000])
def test_bytes_that_are_no_signature_do_not_verify(keys: Any, signature: bytes) -> None:
    assert not verifies(CONTENT, signature, keys.public_keys["1"])


def test_signature_by_another_digest_does_not_verify(openssl: Path, keys: Any) -> None:
    signature, key = openssl / "sha1.bin", str(openssl / "key.pem")
    _openssl("dgst", "-sha1", "-sign", key, "-out", str(signature), str(openssl / "content.bin"))
    assert not verifies(CONTENT, signature.read_bytes(), keys.public_keys["1"])
