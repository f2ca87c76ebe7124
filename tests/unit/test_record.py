"""A record of the queue that can be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cancel_payment.payment import CancelRequest
from cancel_payment.request import read

from tests.unit.cases import CUTOFF, FIRST, a_record

MESSAGE = {
    "paymentRequestId": "20200101234567890000",
    "paymentId": "202001011234567890",
    "paymentCreateTime": "2026-11-22T23:41:07+08:00",
}
TRACKING = {"taskToken": "AAAAKgAAAAIAA==", "attempts": 13, "firstAttemptAt": FIRST.isoformat()}


def _read(body: object, **attributes: int) -> CancelRequest:
    request = read(a_record(body, **attributes))
    assert isinstance(request, CancelRequest), request
    return request


def test_message_of_the_contract_is_read() -> None:
    request = _read(MESSAGE, receive_count=3, first_ms=1_795_320_000_123)
    assert request.payment.parameters == {
        "paymentRequestId": "20200101234567890000",
        "paymentId": "202001011234567890",
    }
    assert request.cutoff_at == CUTOFF
    assert request.attempt == 3
    assert request.first_attempt_at == datetime(2026, 11, 22, 4, 0, 0, 123_000, UTC)
    assert not request.tracked


@pytest.mark.parametrize("absent", ["", None])
@pytest.mark.parametrize("name", ["paymentRequestId", "paymentId"])
def test_empty_or_null_id_counts_as_absent(name: str, absent: str | None) -> None:
    assert name not in _read(MESSAGE | {name: absent}).payment.parameters


@pytest.mark.parametrize("name", ["paymentRequestId", "paymentId"])
def test_one_id_is_enough(name: str) -> None:
    message = {key: MESSAGE[key] for key in (name, "paymentCreateTime")}
    assert _read(message).payment.parameters == {name: MESSAGE[name]}


@pytest.mark.parametrize("value", ["x", "x" * 64, "支付-№ 1", "💳" * 64, "a/b:c?d=e&f", " ", '"\\'])
def test_id_of_1_to_64_characters_is_read_unchanged(value: str) -> None:
    assert _read(MESSAGE | {"paymentId": value}).payment.payment_id == value


def test_unknown_fields_are_ignored() -> None:
    extra: dict[str, Any] = {"amount": {"value": 10**400}, "\ud800": "\udfff", "tags": [[[]]]}
    assert _read(MESSAGE | extra).payment == _read(MESSAGE).payment


def test_request_of_the_tracker_adds_its_attempts_and_keeps_its_first_moment() -> None:
    request = _read(MESSAGE | {"tracking": TRACKING}, receive_count=2)
    assert (request.attempt, request.first_attempt_at) == (15, FIRST)
    assert request.task_token == "AAAAKgAAAAIAA=="


def test_tracking_null_is_no_tracking() -> None:
    assert not _read(MESSAGE | {"tracking": None}).tracked


@pytest.mark.parametrize(
    "created",
    [
        "2026-11-22T15:41:07Z",
        "2026-11-22T10:41:07-05:00",
        "2026-11-22T23:41:07.123+08:00",
        "2026-11-22T23:41:07.123456+08:00",
    ],
)
def test_create_time_may_have_any_offset_and_stays_as_it_came(created: str) -> None:
    request = _read(MESSAGE | {"paymentCreateTime": created})
    assert (request.payment.create_time, request.cutoff_at) == (created, CUTOFF)


@pytest.mark.parametrize("created", ["0001-01-02T00:00:00Z", "9999-12-30T23:59:59+08:00"])
def test_create_time_at_the_edges_of_the_calendar_is_read(created: str) -> None:
    request = _read(MESSAGE | {"paymentCreateTime": created})
    moment = datetime.fromisoformat(created)
    assert timedelta(0) < request.cutoff_at - moment <= timedelta(days=1, minutes=15)


def test_body_is_kept_as_it_came_to_the_byte() -> None:
    body = '{ "paymentId":"1","paymentCreateTime" : "2026-11-22T23:41:07+08:00", "x":1.0}'
    assert _read(body).body == body
