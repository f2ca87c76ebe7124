"""A record that cannot be read goes to the dead-letter queue at once and blocks nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.handler.aws_double import AwsDouble
from tests.handler.conftest import DLQ, Function
from tests.handler.records import message, record, tracked

type Unique = Callable[[str], str]

TIME = "2026-11-22T23:41:07+08:00"
MALFORMED: dict[str, Any] = {
    "not JSON": "{'paymentRequestId': 'P1'}",
    "no object": "[]",
    "deeply nested": "[" * 50_000,
    "a huge number": "9" * 5_000,
    "no id": {"paymentCreateTime": TIME},
    "empty ids": {"paymentRequestId": "", "paymentId": None, "paymentCreateTime": TIME},
    "too long": {"paymentRequestId": "x" * 65, "paymentCreateTime": TIME},
    "id of another type": {"paymentRequestId": 17, "paymentCreateTime": TIME},
    "control character": {"paymentRequestId": "a\nb", "paymentCreateTime": TIME},
    "lone surrogate": '{"paymentRequestId":"\\ud800","paymentCreateTime":"' + TIME + '"}',
    "no create time": {"paymentRequestId": "P1"},
    "create time without offset": {
        "paymentRequestId": "P1",
        "paymentCreateTime": "2026-11-22T23:41:07",
    },
    "outside the calendar": {
        "paymentRequestId": "P1",
        "paymentCreateTime": "9999-12-31T12:00:00+08:00",
    },
    "broken tracking": {"paymentRequestId": "P1", "paymentCreateTime": TIME, "tracking": {}},
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_record_goes_aside_with_its_reason_while_the_other_nine_are_handled(
    function: Function, aws: AwsDouble, unique: Unique, kind: str
) -> None:
    bad = record(MALFORMED[kind])
    good = [record(message(unique("SUCCEEDS"))) for _ in range(9)]
    assert function(*good[:4], bad, *good[4:]) == []
    assert [kind for kind, _ in aws.outcomes] == ["Payment Cancelled"] * 9
    (call,) = aws.of("SendMessage")
    attributes = call["MessageAttributes"]
    assert (call["QueueUrl"], call["MessageBody"]) == (DLQ, bad["body"])
    assert set(attributes) == {"rejectReason", "furtherAction"}
    assert all(one["DataType"] == "String" and one["StringValue"] for one in attributes.values())


def test_batch_of_malformed_records_only_needs_no_keys(function: Function, aws: AwsDouble) -> None:
    assert function(*[record("?") for _ in range(10)]) == []
    assert set(aws.actions) == {"SendMessage"}
    assert len(aws.of("SendMessage")) == 10


def test_malformed_record_that_cannot_be_put_aside_comes_back(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    aws.fail("SendMessage", "AccessDeniedException")
    bad, good = record("not json"), record(message(unique("SUCCEEDS")))
    assert function(bad, good) == [bad["messageId"]]


def test_large_malformed_records_go_aside_one_by_one(function: Function, aws: AwsDouble) -> None:
    assert function(*[record("x" * 200_000) for _ in range(3)]) == []
    assert [len(call["MessageBody"]) for call in aws.of("SendMessage")] == [200_000] * 3


def test_tracker_of_a_malformed_request_is_not_told(function: Function, aws: AwsDouble) -> None:
    fields = tracked({"paymentRequestId": "P1", "paymentCreateTime": "tomorrow"})
    assert function(record(fields)) == []
    assert aws.actions == ["SendMessage"]


def test_empty_batch_has_no_effects(function: Function, aws: AwsDouble) -> None:
    assert (function(), aws.calls) == ([], [])
