"""The message on the queue: every form that the contract reads, and each refusal word for word."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cancel_payment.model import CancelRequest, RejectedRecord
from cancel_payment.record import read
from hypothesis import given
from hypothesis import strategies as st

from tests.support.records import Record, record
from tests.unit.cases import CREATED, CUTOFF, FIRST, seconds

BOTH_IDS = {"paymentRequestId": "20200101234567890000", "paymentId": "202001011234567890"}
TRACKING = {"taskToken": "AAAAKgAAAAIAA==", "attempts": 13, "firstAttemptAt": FIRST.isoformat()}


def message(**fields: Any) -> dict[str, Any]:
    return {"paymentRequestId": "P1", "paymentCreateTime": CREATED} | fields


def tracked(**fields: Any) -> dict[str, Any]:
    return message(tracking=TRACKING | fields)


def sent(body: object, receives: int = 1, after: float = 0) -> Record:
    """First received so many seconds after noon."""
    one = record(body, receives, FIRST + seconds(after))
    return one | {"messageId": "message-1", "receiptHandle": "receipt-1"}


def request(body: object, **attributes: Any) -> CancelRequest:
    one = read(sent(body, **attributes))
    assert isinstance(one, CancelRequest), one
    return one


def rejected(body: object, **attributes: Any) -> RejectedRecord:
    one = read(sent(body, **attributes))
    assert isinstance(one, RejectedRecord), one
    return one


def test_message_of_the_contract_is_read() -> None:
    body = message(**BOTH_IDS)
    one = request(body, receives=3, after=0.123)
    assert one.payment.parameters == BOTH_IDS
    assert one.payment.primary_id == ("paymentRequestId", "20200101234567890000")
    assert one.payment.create_time == CREATED
    assert (one.message_id, one.receipt_handle) == ("message-1", "receipt-1")
    assert (one.body, one.cutoff_at) == (json.dumps(body), CUTOFF)
    assert (one.receives, one.attempt) == (3, 3)
    assert one.first_attempt_at == FIRST + seconds(0.123)
    assert (one.tracking, one.closing) == (None, False)


def test_one_id_is_enough_and_an_empty_one_counts_as_absent() -> None:
    for absent in ({}, {"paymentRequestId": ""}, {"paymentRequestId": None}):
        one = request({"paymentId": "Q", "paymentCreateTime": CREATED} | absent)
        assert one.payment.parameters == {"paymentId": "Q"}
        assert one.payment.primary_id == ("paymentId", "Q")


IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=64).filter(
    lambda text: not {"\ufffe", "\uffff"} & {*text}
)
# json.dumps writes neither: they are put into the text.
NUMBER, DEEP = "a number of 5,000 digits", "a value 20,000 deep"
UNKNOWN = st.dictionaries(
    st.text(max_size=8).filter(lambda name: name not in (*BOTH_IDS, "tracking")),
    st.sampled_from([None, 1.5, [[{}]], "\ud800", {"\udfff": NUMBER}, [DEEP]]),
    max_size=3,
)


@given(ids=st.lists(IDS, min_size=2, max_size=2), more=UNKNOWN, data=st.data())
def test_message_is_read_however_it_was_written(
    ids: list[str], more: dict[str, Any], data: st.DataObject
) -> None:
    """In any order, with fields of no meaning, escaped or not, a byte order mark before it."""
    given_ids = dict(zip(data.draw(st.permutations([*BOTH_IDS])), ids, strict=True))
    fields = list((more | message(**given_ids, tracking=None)).items())
    ordered = dict(data.draw(st.permutations(fields)))
    text = json.dumps(ordered, ensure_ascii=data.draw(st.booleans()))
    text = text.replace(f'"{NUMBER}"', "9" * 5000)
    text = text.replace(f'"{DEEP}"', "[" * 20_000 + "1" + "]" * 20_000)
    # SQS takes no lone surrogate; escaped inside JSON, one gets through.
    text = text.encode(errors="backslashreplace").decode()
    body = data.draw(st.sampled_from(["", "\ufeff", " \r\n"])) + text
    one = request(body)
    assert (one.payment.parameters, one.cutoff_at) == (given_ids, CUTOFF)
    assert (one.body, one.tracking) == (body, None)


def test_request_of_the_tracker_adds_its_attempts_and_keeps_its_first_moment() -> None:
    one = request(tracked(execution="P1-7", closing=True), receives=2, after=80_000)
    assert (one.receives, one.attempt, one.first_attempt_at) == (2, 15, FIRST)
    assert one.tracking is not None
    assert (one.tracking.task_token, one.tracking.attempts) == ("AAAAKgAAAAIAA==", 13)
    assert (one.tracking.execution, one.closing) == ("P1-7", True)
    assert "AAAAKg" not in repr(one.tracking)


@pytest.mark.parametrize(
    "fields",
    [
        {},  # of version 1: it names no execution and is not closing
        *({"execution": name} for name in ("P1", "P1-2", "P1-20")),
        *({"taskToken": "t" * 2048}, {"attempts": 0}, {"attempts": 1_000_000}),
    ],
)
def test_tracking_of_this_payment_within_its_bounds_is_taken(fields: dict[str, Any]) -> None:
    one = request(tracked(**fields))
    assert one.tracking is not None
    assert (one.tracking.execution, one.closing) == (fields.get("execution"), False)


@pytest.mark.parametrize("execution", ["", "P2", "P1-1", "P1-21", "P1-02", "p1"])
def test_tracking_by_another_payments_execution_counts_as_none(execution: str) -> None:
    one = request(tracked(execution=execution, closing=True), receives=2)
    assert (one.tracking, one.closing, one.attempt) == (None, False, 2)
    assert one.first_attempt_at == FIRST


def test_create_time_after_the_first_attempt_counts_as_the_first_attempt() -> None:
    assert request(message(paymentCreateTime="2026-12-24T12:00:00+08:00")).cutoff_at == CUTOFF


NO_MOMENT = "is not an ISO 8601 date and time with an offset or Z"
REFUSED: dict[str, list[object]] = {
    "the body is not a JSON object": [
        *("", "not json", "{", "null", "[]", '"text"', "17", "NaN", "[" * 100_000),
        *('{"a":' * 100_000, "\ufeff\ufeff" + json.dumps(message())),
        *(f'{{"paymentRequestId": "P1", "more": {constant}}}' for constant in ("NaN", "-Infinity")),
        '{"paymentRequestId": "a\nb"}',
    ],
    "neither paymentRequestId nor paymentId is given": [
        {"paymentCreateTime": CREATED},
        message(paymentRequestId=None, paymentId=""),
    ],
    "paymentRequestId is not a string": [message(paymentRequestId=one) for one in (17, False)],
    "paymentId is not a string": [message(paymentId=["P1"])],
    "paymentId has more than 64 characters": [message(paymentId="x" * 65)],
    "paymentRequestId has more than 64 characters": [message(paymentRequestId="💳" * 65)],
    "paymentId holds a control character": [
        message(paymentId=f"a{unfit}b") for unfit in "\n\0\t\x7f\x85\ud800\udfff\ufffe\uffff"
    ],
    "paymentCreateTime is missing": [
        *(message(paymentCreateTime=one) for one in (None, "")),
        {"paymentId": "Q"},
    ],
    "paymentCreateTime is not a string": [message(paymentCreateTime=1_795_320_000_000)],
    f"paymentCreateTime {NO_MOMENT}": [
        message(paymentCreateTime=one) for one in ("yesterday", "2026-11-22T12:00:00")
    ],
    "paymentCreateTime lies outside the calendar": [
        message(paymentCreateTime="9999-12-31T12:00:00+08:00")
    ],
    "tracking is not a JSON object": [message(tracking=one) for one in ([], False)],
    "tracking.taskToken is missing or not a token": [
        message(tracking={}),
        *(tracked(taskToken=one) for one in ("", 7, "t" * 2049)),
    ],
    "tracking.taskToken holds a control character": [tracked(taskToken="\ud800")],
    "tracking.attempts is not a whole number": [tracked(attempts=one) for one in (True, "1", 1.5)],
    "tracking.attempts is out of range": [tracked(attempts=one) for one in (-1, 1_000_001)],
    "tracking.execution is not a string": [tracked(execution=7)],
    "tracking.closing is neither true nor false": [tracked(closing=one) for one in ("true", None)],
    "tracking.firstAttemptAt is missing": [tracked(firstAttemptAt=None)],
    "tracking.firstAttemptAt is not a string": [tracked(firstAttemptAt=0)],
    f"tracking.firstAttemptAt {NO_MOMENT}": [tracked(firstAttemptAt="noon")],
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refusal_names_the_field_and_the_fact_and_keeps_the_body(reason: str) -> None:
    for body in REFUSED[reason]:
        one = rejected(body, receives=4)
        assert (one.letter.reason, one.receives, one.receipt_handle) == (reason, 4, "receipt-1")
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        assert (one.letter.message_id, one.letter.body) == ("message-1", text)
        assert one.letter.result_code is None
        assert one.letter.further_action == (
            "Correct the event at its source and publish it again with the payment's ids and its "
            "paymentCreateTime; this message will never work as it stands."
        )


def test_refusal_keeps_the_ids_by_which_a_person_can_search() -> None:
    for fields, ids in [
        ({"paymentRequestId": 7, "paymentId": "A1"}, {"paymentId": "A1"}),
        (BOTH_IDS | {"paymentCreateTime": 7}, BOTH_IDS),
        ({"paymentRequestId": "a\nb"}, {}),
    ]:
        assert rejected(message(**fields)).letter.ids == ids


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
names = st.sampled_from([*BOTH_IDS, "paymentCreateTime", "tracking"])
tracking_names = st.sampled_from([*TRACKING, "execution", "closing"])


@given(json_values, names, tracking_names)
def test_no_value_makes_reading_raise(value: object, name: str, tracking_name: str) -> None:
    for body in (value, message(**{name: value}), tracked(**{tracking_name: value})):
        read(sent(body))


@given(st.text())
def test_no_text_makes_reading_raise(body: str) -> None:
    assert rejected(body).letter.body == body
