"""ReportUnresolved: the last thing that anybody hears of the payment."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from tests.statemachine.definition import ROOT, State
from tests.statemachine.reference import Reference

NOW = datetime(2026, 11, 22, 16, 15, 0, 42000, tzinfo=UTC)
SCHEMA = json.loads((ROOT / "events" / "outcome.schema.json").read_text("utf-8"))
CREATED = {"paymentCreateTime": "2026-11-22T23:41:07+08:00"}
REQUEST_ID = {"paymentRequestId": "20200101234567890000"}
PAYMENT_ID = {"paymentId": "202001011234567890120188000000001"}

type TestState = Callable[..., dict[str, Any]]
type Tracked = Callable[..., dict[str, Any]]


@pytest.fixture
def entry(
    reference: Reference, states: dict[str, State]
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The one entry of PutEvents that the state sends."""

    def report(state_input: dict[str, Any]) -> dict[str, Any]:
        arguments = reference.fill(
            states["ReportUnresolved"]["Arguments"], NOW, input=state_input, context={}
        )
        [sent] = arguments["Entries"]
        checker = jsonschema.FormatChecker()
        jsonschema.validate(sent["Detail"], SCHEMA, format_checker=checker)
        found: dict[str, Any] = sent
        return found

    return report


def test_the_event_is_addressed_as_the_contract_says(
    entry: Callable[..., dict[str, Any]], tracked: Tracked
) -> None:
    sent = entry(tracked())
    assert sent.keys() == {"EventBusName", "Source", "DetailType", "Detail"}
    assert sent["EventBusName"] == "outcome-bus"
    assert sent["Source"] == "alipayplus.cancelPayment"
    assert sent["DetailType"] == "Payment Cancellation Unresolved"


def test_its_detail_says_what_is_known_and_nothing_else(
    entry: Callable[..., dict[str, Any]], tracked: Tracked
) -> None:
    detail = entry(tracked(disposition="RETRY", attempts=110))["Detail"]
    assert detail.pop("furtherAction")
    assert detail == {
        "version": "1",
        "outcomeId": "UNRESOLVED:paymentRequestId:20200101234567890000",
        "outcome": "UNRESOLVED",
        **REQUEST_ID,
        **PAYMENT_ID,
        "attempts": 110,
        "firstAttemptAt": "2026-11-22T23:56:08.120+08:00",
        "resolvedAt": "2026-11-22T16:15:00.042Z",
        "cutoffAt": "2026-11-23T00:15:00.000+08:00",
    }


@pytest.mark.parametrize(
    ("ids", "outcome_id"),
    [
        (REQUEST_ID, "UNRESOLVED:paymentRequestId:20200101234567890000"),
        (PAYMENT_ID, "UNRESOLVED:paymentId:202001011234567890120188000000001"),
        (
            {"paymentRequestId": "", **PAYMENT_ID},
            "UNRESOLVED:paymentId:202001011234567890120188000000001",
        ),
        ({**REQUEST_ID, "paymentId": ""}, "UNRESOLVED:paymentRequestId:20200101234567890000"),
        ({"paymentRequestId": "0"}, "UNRESOLVED:paymentRequestId:0"),
        ({"paymentId": "'%}\\ 支付 🛒"}, "UNRESOLVED:paymentId:'%}\\ 支付 🛒"),
    ],
)
def test_a_payment_is_named_by_the_ids_that_it_has(
    entry: Callable[..., dict[str, Any]],
    tracked: Tracked,
    ids: dict[str, str],
    outcome_id: str,
) -> None:
    detail = entry(tracked(payment={**ids, **CREATED}))["Detail"]
    assert detail["outcomeId"] == outcome_id
    named = {name: detail[name] for name in ("paymentRequestId", "paymentId") if name in detail}
    assert named == {name: value for name, value in ids.items() if value}


def test_the_outcome_id_is_the_same_whenever_it_is_reported_again(
    entry: Callable[..., dict[str, Any]], tracked: Tracked
) -> None:
    first, again = entry(tracked()), entry(tracked(attempts=111, resultCode="UNKNOWN_EXCEPTION"))
    assert first["Detail"]["outcomeId"] == again["Detail"]["outcomeId"]


def test_the_last_result_code_is_told_where_there_is_one(
    entry: Callable[..., dict[str, Any]], tracked: Tracked
) -> None:
    assert "resultCode" not in entry(tracked())["Detail"]
    told = entry(tracked(resultCode="UNKNOWN_EXCEPTION"))["Detail"]
    assert told["resultCode"] == "UNKNOWN_EXCEPTION"


def test_a_person_learns_what_to_do_and_what_not_to(
    entry: Callable[..., dict[str, Any]], tracked: Tracked
) -> None:
    action = entry(tracked())["Detail"]["furtherAction"]
    assert "connect_support@service.alipay.com" in action
    assert "Inquire" in action
    assert "Do not refund" in action


def test_no_moment_stands_in_the_event_that_a_consumer_cannot_read(
    entry: Callable[..., dict[str, Any]], tracked: Tracked
) -> None:
    detail = entry(tracked())["Detail"]
    for name in ("firstAttemptAt", "resolvedAt", "cutoffAt"):
        assert datetime.fromisoformat(detail[name]).tzinfo is not None


def test_once_reported_the_execution_fails_as_unresolved(
    check_state: TestState, tracked: Tracked
) -> None:
    result = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}
    found = check_state("ReportUnresolved", tracked(), result=result)
    assert (found["status"], found["nextState"]) == ("SUCCEEDED", "Unresolved")


@pytest.mark.parametrize(
    "error",
    ["EventBridge.FailedEntry", "EventBridge.InternalException", "States.Timeout", "Whatever"],
)
@pytest.mark.parametrize(("used", "status"), [(0, "RETRIABLE"), (15, "RETRIABLE"), (16, "FAILED")])
def test_whatever_keeps_the_event_from_going_out_is_retried_sixteen_times(
    check_state: TestState, tracked: Tracked, error: str, used: int, status: str
) -> None:
    configuration = {"retrierRetryCount": used}
    found = check_state(
        "ReportUnresolved", tracked(), error=error, stateConfiguration=configuration
    )
    assert (found["status"], found["error"]) == (status, error)


def test_nothing_is_caught_so_that_an_event_that_never_went_out_shows_as_its_own_error(
    states: dict[str, State],
) -> None:
    assert "Catch" not in states["ReportUnresolved"]
