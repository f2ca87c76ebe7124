"""A record that can never work: it says which field and why, and reading it never raises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cancel_payment.payment import RejectedRecord
from cancel_payment.request import read
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cases import a_record

MESSAGE = {"paymentRequestId": "P1", "paymentCreateTime": "2026-11-22T23:41:07+08:00"}
TRACKING = {"taskToken": "token", "attempts": 13, "firstAttemptAt": "2026-11-22T12:00:00+08:00"}


def _rejected(body: object) -> RejectedRecord:
    record = read(a_record(body))
    assert isinstance(record, RejectedRecord), record
    return record


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "{",
        "null",
        "[]",
        '"text"',
        "17",
        "NaN",
        "\ufeff{}",
        "[" * 100_000,
        '{"a":' * 100_000,
        "1" * 5000,
    ],
)
def test_body_that_is_no_json_object_is_rejected(body: str) -> None:
    record = _rejected(body)
    assert "body" in record.reason
    assert record.body == body


@pytest.mark.parametrize(
    "ids",
    [
        {},
        {"paymentRequestId": ""},
        {"paymentRequestId": None, "paymentId": ""},
        {"PaymentRequestId": "P1"},
    ],
)
def test_message_without_any_id_is_rejected(ids: dict[str, Any]) -> None:
    record = _rejected({"paymentCreateTime": MESSAGE["paymentCreateTime"]} | ids)
    assert "paymentRequestId" in record.reason
    assert "paymentId" in record.reason


@pytest.mark.parametrize("name", ["paymentRequestId", "paymentId"])
@pytest.mark.parametrize(
    "value",
    [
        "x" * 65,
        "💳" * 65,
        17,
        True,
        1.5,
        [],
        {},
        ["P1"],
        "a\nb",
        "a\0b",
        "\t",
        "\x7f",
        "\x85",
        "\ud800",
        "P\udfff1",
    ],
)
def test_id_that_is_too_long_no_string_or_unfit_to_be_sent_is_rejected(
    name: str, value: object
) -> None:
    assert name in _rejected({"paymentRequestId": "P1"} | MESSAGE | {name: value}).reason


@pytest.mark.parametrize(
    "created",
    [
        None,
        "",
        1_795_320_000_000,
        True,
        [],
        "yesterday",
        "2026-11-22",
        "2026-11-22T23:41:07",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "9999-12-31T12:00:00+08:00",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "10000-01-01T00:00:00Z",
        "2026-11-22T23:41:07+08:00\x00",
        "2026-11-22\x0023:41:07+08:00",
        "2026-11-22\ud80023:41:07+08:00",
    ],
)
def test_create_time_that_fixes_no_window_is_rejected(created: object) -> None:
    assert "paymentCreateTime" in _rejected(MESSAGE | {"paymentCreateTime": created}).reason


def test_create_time_is_required() -> None:
    assert "paymentCreateTime is missing" in _rejected({"paymentRequestId": "P1"}).reason


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ("token", "tracking"),
        ([], "tracking"),
        (7, "tracking"),
        ({}, "taskToken"),
        (TRACKING | {"taskToken": ""}, "taskToken"),
        (TRACKING | {"taskToken": 5}, "taskToken"),
        (TRACKING | {"taskToken": "x" * 2049}, "taskToken"),
        (TRACKING | {"attempts": "13"}, "attempts"),
        (TRACKING | {"attempts": 1.5}, "attempts"),
        (TRACKING | {"attempts": True}, "attempts"),
        (TRACKING | {"attempts": -1}, "attempts"),
        (TRACKING | {"attempts": 10**30}, "attempts"),
        (TRACKING | {"attempts": None}, "attempts"),
        (TRACKING | {"firstAttemptAt": "2026-11-22T12:00:00"}, "firstAttemptAt"),
        (TRACKING | {"firstAttemptAt": None}, "firstAttemptAt"),
        (TRACKING | {"firstAttemptAt": 5}, "firstAttemptAt"),
    ],
)
def test_broken_tracking_is_rejected(broken: object, field: str) -> None:
    assert field in _rejected(MESSAGE | {"tracking": broken}).reason


def test_rejection_says_what_to_do_and_echoes_no_hostile_text() -> None:
    record = _rejected(MESSAGE | {"paymentCreateTime": "<script>alert(1)</script>"})
    assert record.further_action
    assert "script" not in record.reason


def test_rejection_does_not_show_the_task_token() -> None:
    broken = {"taskToken": "TOKEN-0042", "attempts": "13"}
    assert "0042" not in _rejected(MESSAGE | {"tracking": broken}).reason


def test_rejection_keeps_the_ids_that_could_be_read() -> None:
    record = _rejected({"paymentRequestId": "P1", "paymentId": 5})
    assert record.ids == {"paymentRequestId": "P1"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "paymentRequestId": JSON,
            "paymentId": JSON,
            "paymentCreateTime": JSON | st.just(MESSAGE["paymentCreateTime"]),
            "tracking": JSON
            | st.fixed_dictionaries(
                {"taskToken": JSON, "attempts": JSON, "firstAttemptAt": JSON},
            ),
        },
    )
)
def test_reading_never_raises_and_what_it_takes_can_be_sent(fields: dict[str, Any]) -> None:
    request = read(a_record(json.dumps(fields)))
    if not isinstance(request, RejectedRecord):
        assert all(
            1 <= len(value) <= 64 and value.encode()
            for value in request.payment.parameters.values()
        )


@given(st.text(max_size=200))
def test_reading_never_raises_for_any_text(body: str) -> None:
    assert _rejected(body).body == body
