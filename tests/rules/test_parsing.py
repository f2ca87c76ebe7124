"""Any bytes at all, as a record or as an answer: nothing raises, and nothing is S or F unproven.

Sources: design.md, "Contracts" and "Effects"; protocol.md, "Verifying the response".
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from cancel_payment import request, result
from cancel_payment.payment import CancelRequest, RejectedRecord
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.rules.alipay import Alipay
from tests.rules.answers import Reply, Then, http, signed_headers
from tests.rules.batch import Expected, differences
from tests.rules.broken import SUCCESS
from tests.rules.codes import UNKNOWN
from tests.rules.line import CREATED, UTC8, Line, record
from tests.rules.situations import SITUATIONS

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
ids = st.text(max_size=70) | values
fields = st.fixed_dictionaries(
    {},
    optional={
        "paymentRequestId": ids,
        "paymentId": ids,
        "paymentCreateTime": st.just(CREATED) | st.datetimes().map(str) | values,
        "tracking": values
        | st.fixed_dictionaries(
            {},
            optional={
                "taskToken": st.text(max_size=9) | values,
                "attempts": st.integers() | values,
                "firstAttemptAt": st.just(CREATED) | values,
            },
        ),
        "more": values,
    },
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "result": values
        | st.fixed_dictionaries(
            {},
            optional={
                "resultStatus": st.sampled_from(["S", "F", "U", "s", ""]) | values,
                "resultCode": st.sampled_from(["SUCCESS", "INVALID_SIGNATURE", ""]) | values,
                "resultMessage": values,
            },
        ),
        "pspId": values,
    },
)
answer_bytes = st.binary() | answers.map(lambda one: json.dumps(one).encode())
DEEP = "[" * 100_000
WIDE = '{"a":' * 100_000
DIGITS = "9" * 10_000


def read(text: str) -> CancelRequest | RejectedRecord:
    first = datetime(2026, 11, 22, 12, tzinfo=UTC8)
    return request.read(record(text, message_id="m", receives=1, first_received=first))


@settings(max_examples=300)
@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
@example(DEEP)
@example(WIDE)
@example(DIGITS)
@example("\ud800")
def test_any_text_as_a_body_is_refused_unchanged(text: str) -> None:
    one = read(text)

    assert isinstance(one, RejectedRecord)
    assert (one.body, one.message_id) == (text, "m")
    assert one.reason and one.further_action


@settings(max_examples=500)
@given(fields)
def test_any_json_as_a_body_is_read_or_refused_by_the_contract(some: dict[str, Any]) -> None:
    text = json.dumps(some)
    one = read(text)

    assert one.body == text
    if isinstance(one, CancelRequest):
        given_ids = [some.get("paymentRequestId"), some.get("paymentId")]
        sent = [value for value in given_ids if value not in (None, "")]
        assert sent and list(one.payment.parameters.values()) == sent
        assert all(isinstance(value, str) and 1 <= len(value) <= 64 for value in sent)
        assert one.payment.create_time == some["paymentCreateTime"]
        assert one.tracked == (some.get("tracking") is not None)
        assert one.attempt >= 1
    else:
        assert one.reason


@pytest.mark.parametrize("name", ["paymentRequestId", "paymentId"])
@given(
    st.text(
        st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
        min_size=1,
        max_size=64,
    )
)
def test_any_lawful_id_is_read_as_it_stands(name: str, value: str) -> None:
    one = read(json.dumps({name: value, "paymentCreateTime": CREATED}))

    assert isinstance(one, CancelRequest)
    assert one.payment.parameters == {name: value}


@settings(max_examples=300)
@given(answer_bytes)
@example(DEEP.encode())
@example(WIDE.encode())
@example(b'{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}')
def test_any_answer_without_proof_is_unknown(raw: bytes) -> None:
    one = result.read_unproven(raw, "unsigned")

    assert one.status == "U"
    assert one.code in {None, "INVALID_SIGNATURE", "KEY_NOT_FOUND", "INVALID_CLIENT"}


@settings(max_examples=500)
@given(answer_bytes)
@example(DEEP.encode())
@example(WIDE.encode())
@example(b'{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}')
@example(b'{"result":{"resultStatus":"F","resultCode":"\\ud800"}}')
def test_any_signed_answer_is_final_only_if_it_says_so(raw: bytes) -> None:
    one = result.read_signed(raw)

    if one.status != "U":
        said = json.loads(raw)["result"]
        assert said["resultStatus"] == one.status
        assert isinstance(said["resultCode"], str) and said["resultCode"]


raw_answers = st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=300).map(lambda raw: b"HTTP/1.1 200 OK\r\n" + raw),
    answer_bytes.map(lambda body: http(body, {})),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=120).map(
        lambda header: http(SUCCESS, signed_headers(SUCCESS) | {"Signature": header})
    ),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=120).map(
        lambda text: http(
            SUCCESS,
            signed_headers(SUCCESS)
            | {"Signature": f"algorithm=RSA256,keyVersion=1,signature={text}"},
        )
    ),
)


@settings(max_examples=15)
@given(raws=st.lists(raw_answers, min_size=20, max_size=20))
def test_any_bytes_on_the_wire_are_unknown_unless_they_are_proof(
    raws: list[bytes], line: Line, alipay: Alipay
) -> None:
    replies = {str(number): Reply(raw, Then.CLOSE) for number, raw in enumerate(raws)}
    expected = dict.fromkeys(replies, Expected(UNKNOWN, None))

    assert differences(line, alipay, SITUATIONS[0], replies, expected) == {}
