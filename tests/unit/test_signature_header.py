"""The grammar of a received `Signature` header: generous in form, strict in bytes."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from cancel_payment.signing import SignatureHeaderError, read_signature_header
from hypothesis import given
from hypothesis import strategies as st

# Every special character of the alphabet occurs: "+", "/" and the padding.
BYTES = b"\xfb\xef\xbe\xff\xff\xff\xfb\xf0signature"
STANDARD = base64.b64encode(BYTES).decode()
URL_SAFE = base64.urlsafe_b64encode(BYTES).decode()


def _header(signature: str) -> str:
    return f"algorithm=RSA256,keyVersion=1,signature={signature}"


def test_the_sample_holds_every_special_character() -> None:
    assert {"+", "/", "="} <= set(STANDARD)


@pytest.mark.parametrize(
    "header",
    [
        "algorithm=RSA256,keyVersion=1,signature=U0lH",
        "algorithm=RSA256, keyVersion=1, signature=U0lH",
        "signature=U0lH,algorithm=RSA256,keyVersion=1",
        "keyVersion=1, signature=U0lH, algorithm=RSA256",
        "algorithm=RSA256,keyVersion=1,signature=U0lH,somethingNew=yes",
    ],
)
def test_pairs_stand_in_any_order_with_or_without_a_space(header: str) -> None:
    read = read_signature_header(header)
    assert (read.key_version, read.signature) == ("1", b"SIG")


@pytest.mark.parametrize(
    "text",
    [
        STANDARD,
        STANDARD.rstrip("="),
        URL_SAFE,
        URL_SAFE.rstrip("="),
        quote(STANDARD, safe=""),
        quote(STANDARD.rstrip("="), safe=""),
        quote(URL_SAFE, safe=""),
        quote(STANDARD, safe="").replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d"),
    ],
)
def test_both_alphabets_are_read_padded_or_not_percent_encoded_or_not(text: str) -> None:
    assert read_signature_header(_header(text)).signature == BYTES


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_come_through_every_form(signature: bytes) -> None:
    standard, url_safe = base64.b64encode(signature), base64.urlsafe_b64encode(signature)
    for text in (standard, standard.rstrip(b"="), url_safe, url_safe.rstrip(b"=")):
        for form in (text.decode(), quote(text, safe="")):
            assert read_signature_header(_header(form)).signature == signature


def test_a_pair_is_split_on_its_first_equals_sign_only() -> None:
    assert read_signature_header(_header("U0k=")).signature == b"SI"


@pytest.mark.parametrize(
    "header",
    [
        "",
        ",",
        "U0lH",
        "algorithm=RSA256,keyVersion=1",
        "algorithm=RSA256,signature=U0lH",
        "keyVersion=1,signature=U0lH",
        "algorithm=RSA256,keyVersion=,signature=U0lH",
        "algorithm=RSA256,keyVersion=1,signature=",
        "algorithm=RSA512,keyVersion=1,signature=U0lH",
        "algorithm=none,keyVersion=1,signature=U0lH",
        "algorithm=RSA256,keyVersion=1,signature=U0lH,signature=U0lH",
        "algorithm=RSA256,keyVersion=1,keyVersion=2,signature=U0lH",
        "algorithm=RSA256,algorithm=none,keyVersion=1,signature=U0lH",
        "algorithm=RSA256,keyVersion=1,signature",
    ],
)
def test_header_with_a_pair_missing_empty_or_twice_is_refused(header: str) -> None:
    with pytest.raises(SignatureHeaderError):
        read_signature_header(header)


@pytest.mark.parametrize(
    "text",
    ["U0 lH", "U0lH!", "U0\nlH", "U0%20lH", "U0%lH", "U0%00lH", "U", "U0lHU", "U0=lH", "é0lH", "="],
)
def test_text_that_a_lenient_decoder_would_silently_cut_is_refused(text: str) -> None:
    with pytest.raises(SignatureHeaderError):
        read_signature_header(_header(text))


def test_plus_is_not_turned_into_a_space() -> None:
    assert read_signature_header(_header("++++")).signature == b"\xfb\xef\xbe"


@pytest.mark.parametrize("text", ["U0l", "U0l=", "U1", "U1=="])
def test_bits_behind_the_last_byte_must_be_zero(text: str) -> None:
    with pytest.raises(SignatureHeaderError):
        read_signature_header(_header(text))
