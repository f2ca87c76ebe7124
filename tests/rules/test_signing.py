"""Signing then verifying is the identity; one changed byte of anything signed is enough to fail.

Source: protocol.md, "Signing" and "Verifying the response".
"""

from __future__ import annotations

import base64
from urllib.parse import quote, unquote

import pytest
from cancel_payment import signing
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.rules import keys
from tests.rules.alipay import Alipay
from tests.rules.answers import RESPONSE_TIME, Reply, http, signed_headers
from tests.rules.batch import Expected, differences
from tests.rules.broken import SUCCESS
from tests.rules.codes import CANCELLED, UNKNOWN
from tests.rules.line import Line
from tests.rules.situations import SITUATIONS

bodies = st.binary(max_size=400)
header_texts = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)
other_bytes = st.integers(1, 255)
FIRST = SITUATIONS[0]


def changed(text: bytes, position: int, by: int) -> bytes:
    """The text with one byte changed to any other."""
    at = position % len(text)
    return text[:at] + bytes([text[at] ^ by]) + text[at + 1 :]


def verifies(content: bytes, made: bytes) -> bool:
    return signing.verifies(content, made, keys.key(keys.ALIPAY).public_key())


@given(header_texts, header_texts, bodies)
def test_the_signed_content_is_that_of_the_protocol(client_id: str, time: str, body: bytes) -> None:
    expected = f"POST /aps/api/v1/payments/cancelPayment\n{client_id}.{time}.".encode() + body

    assert signing.signed_content(client_id, time, body) == expected


@given(bodies)
def test_what_we_sign_verifies_by_the_protocol(body: bytes) -> None:
    content = keys.content(keys.CLIENT_ID, RESPONSE_TIME, body)
    header = signing.sign(content, keys.key(keys.OURS), keys.OUR_KEY_VERSION)

    assert keys.is_signed_by_us(header, content)


@given(bodies)
def test_what_is_signed_by_the_protocol_verifies_here(body: bytes) -> None:
    content = keys.content(keys.CLIENT_ID, RESPONSE_TIME, body)
    read = signing.read_signature_header(keys.header(keys.signature(keys.ALIPAY, content)))

    assert read.key_version == "1"
    assert verifies(signing.signed_content(keys.CLIENT_ID, RESPONSE_TIME, body), read.signature)


@settings(max_examples=300)
@given(bodies, st.integers(0, 10**6), other_bytes)
def test_any_single_changed_byte_of_the_signed_content_fails(
    body: bytes, position: int, by: int
) -> None:
    content = keys.content(keys.CLIENT_ID, RESPONSE_TIME, body)
    made = keys.signature(keys.ALIPAY, content)

    assert verifies(content, made)
    assert not verifies(changed(content, position, by), made)


@given(bodies, st.integers(0, 255), other_bytes)
def test_any_single_changed_byte_of_the_signature_fails(
    body: bytes, position: int, by: int
) -> None:
    content = keys.content(keys.CLIENT_ID, RESPONSE_TIME, body)

    assert not verifies(content, changed(keys.signature(keys.ALIPAY, content), position, by))


@given(bodies, st.integers(1, 40), st.booleans())
def test_a_byte_more_or_less_fails_too(body: bytes, number: int, at_the_end: bool) -> None:
    content = keys.content(keys.CLIENT_ID, RESPONSE_TIME, body)
    made = keys.signature(keys.ALIPAY, content)

    for wrong in (content[:-number], content[number:], content + b" " * number):
        assert not verifies(wrong, made)
    assert not verifies(content, made[:-1] if at_the_end else made[1:])


@given(bodies, st.sampled_from([keys.FORGER, keys.OURS, keys.ALIPAY_NEXT]))
def test_no_other_key_will_do(body: bytes, owner: str) -> None:
    content = keys.content(keys.CLIENT_ID, RESPONSE_TIME, body)

    assert not verifies(content, keys.signature(owner, content))


@given(st.binary(min_size=1, max_size=300), st.data())
def test_every_lawful_spelling_of_a_signature_reads_as_the_same_bytes(
    made: bytes, data: st.DataObject
) -> None:
    text = base64.b64encode(made).decode()
    if data.draw(st.booleans(), "URL-safe"):
        text = text.translate(str.maketrans("+/", "-_"))
    if data.draw(st.booleans(), "without padding"):
        text = text.rstrip("=")
    if data.draw(st.booleans(), "percent-encoded"):
        text = quote(text, safe="")
    pairs = data.draw(
        st.permutations(["algorithm=RSA256", "keyVersion=12", f"signature={text}"]), "order"
    )
    separator = data.draw(st.sampled_from([",", ", "]), "separator")

    read = signing.read_signature_header(separator.join(pairs))

    assert (read.key_version, read.signature) == ("12", made)


foreign_texts = st.text(
    st.characters(exclude_categories=["Cs"]).filter(
        lambda sign: not (sign.isascii() and sign.isalnum()) and sign not in "+/-_=%,"
    ),
    min_size=1,
    max_size=3,
) | st.sampled_from(["%0A", "%20", "%3A", "%", "%2"])


@given(st.binary(min_size=2, max_size=60), foreign_texts, st.integers(0, 80))
def test_what_is_no_base64_is_refused_and_never_read_as_other_bytes(
    made: bytes, foreign: str, position: int
) -> None:
    text = base64.urlsafe_b64encode(made).decode().rstrip("=")
    at = 1 + position % (len(text) - 1)
    spoilt = text[:at] + foreign + text[at:]
    assume("%" not in foreign or unquote(spoilt) == text[:at] + unquote(foreign) + text[at:])

    with pytest.raises(signing.SignatureHeaderError):
        signing.read_signature_header(f"algorithm=RSA256,keyVersion=1,signature={spoilt}")


@given(st.text())
def test_reading_any_signature_header_yields_a_signature_or_a_refusal(text: str) -> None:
    try:
        read = signing.read_signature_header(text)
    except signing.SignatureHeaderError:
        return
    assert read.key_version and read.signature


@pytest.mark.parametrize("part", ["body", "Client-Id", "Response-Time", "Signature"])
@settings(max_examples=15)
@given(positions=st.lists(st.tuples(st.integers(0, 500), other_bytes), min_size=20, max_size=20))
def test_any_single_changed_byte_of_an_answer_on_the_wire_takes_its_proof_away(
    part: str, positions: list[tuple[int, int]], line: Line, alipay: Alipay
) -> None:
    answers = {"unchanged": Reply(http(SUCCESS, signed_headers(SUCCESS)))}
    for position, by in positions:
        if (spoilt := _spoilt(part, position, by)) is not None:
            answers[f"{position} {by}"] = Reply(spoilt)
    assume(len(answers) > 1)
    wrong = dict.fromkeys(answers, Expected(UNKNOWN, None))

    expected = wrong | {"unchanged": Expected(CANCELLED, "SUCCESS", "S")}
    assert differences(line, alipay, FIRST, answers, expected) == {}


def _spoilt(part: str, position: int, by: int) -> bytes | None:
    headers = signed_headers(SUCCESS)
    if part == "body":
        return http(changed(SUCCESS, position, by), headers)
    if part == "Signature":
        content = keys.content(keys.CLIENT_ID, RESPONSE_TIME, SUCCESS)
        made = changed(keys.signature(keys.ALIPAY, content), position, by)
        return http(SUCCESS, headers | {part: keys.header(made)})
    value = changed(headers[part].encode(), position, by).decode("latin-1")
    # White space around a value, control characters: HTTP's own affair, not the signature's.
    return (
        http(SUCCESS, headers | {part: value}) if value.isprintable() and " " not in value else None
    )
