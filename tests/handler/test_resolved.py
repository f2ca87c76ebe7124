"""S and F: the outcome event goes out, and what follows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jsonschema
import pytest

from tests.conftest import ROOT, StandIn
from tests.handler.aws_double import AwsDouble
from tests.handler.conftest import BUS, DLQ, Function
from tests.handler.records import ago, message, record, tracked

type Unique = Callable[[str], str]

FIELDS = {
    "version",
    "outcomeId",
    "outcome",
    "paymentRequestId",
    "paymentId",
    "resultStatus",
    "resultCode",
    "resultMessage",
    "furtherAction",
    "pspId",
    "acquirerId",
    "attempts",
    "firstAttemptAt",
    "resolvedAt",
    "cutoffAt",
}
SCENARIOS = {
    "SUCCEEDS": ("Payment Cancelled", "CANCELLED", "S", "SUCCESS"),
    "FAILS-CANCEL_WINDOW_EXCEED": (
        "Payment Refund Required",
        "REFUND_REQUIRED",
        "F",
        "CANCEL_WINDOW_EXCEED",
    ),
    "FAILS-PROCESS_FAIL": ("Payment Cancellation Failed", "FAILED", "F", "PROCESS_FAIL"),
    "SIGNED_400": ("Payment Cancellation Failed", "FAILED", "F", "PROCESS_FAIL"),
    "ODD_CODE": ("Payment Cancellation Failed", "FAILED", "F", "ORDER_STATUS_INVALID"),
}


@pytest.fixture(scope="module")
def schema() -> Any:
    text = (ROOT / "events" / "outcome.schema.json").read_text()
    return jsonschema.Draft202012Validator(json.loads(text))


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("phase", ["first minute", "later", "tracked"])
def test_final_answer_becomes_its_outcome_event_in_every_phase(
    function: Function, aws: AwsDouble, unique: Unique, scenario: str, phase: str
) -> None:
    fields = message(unique(scenario))
    first = ago(seconds=90 if phase == "later" else 1)
    failures = function(record(tracked(fields) if phase == "tracked" else fields, 1, first))
    detail_type, outcome, status, code = SCENARIOS[scenario]
    ((sent_type, detail),) = aws.outcomes
    assert (failures, sent_type, detail["outcome"]) == ([], detail_type, outcome)
    assert (detail["resultStatus"], detail["resultCode"]) == (status, code)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_detail_holds_the_fields_of_the_contract_and_no_others(
    function: Function, aws: AwsDouble, unique: Unique, schema: Any, scenario: str
) -> None:
    function(record(message(unique(scenario), paymentId=unique("Q"), orderId="ours alone")))
    ((_, detail),) = aws.outcomes
    absent = set() if scenario == "SUCCEEDS" else {"pspId", "acquirerId"}
    assert set(detail) == FIELDS - absent
    schema.validate(detail)


def test_entry_names_source_and_bus(function: Function, aws: AwsDouble, unique: Unique) -> None:
    function(record(message(unique("SUCCEEDS"))))
    (entry,) = aws.of("PutEvents")[0]["Entries"]
    assert (entry["Source"], entry["EventBusName"]) == ("alipayplus.cancelPayment", BUS)


@pytest.mark.parametrize("absent", ["paymentRequestId", "paymentId"])
@pytest.mark.parametrize("value", ["", None])
def test_absent_id_is_left_out_of_the_event(
    function: Function, aws: AwsDouble, unique: Unique, absent: str, value: str | None
) -> None:
    fields = message(unique("SUCCEEDS"), paymentId=unique("SUCCEEDS")) | {absent: value}
    function(record(fields))
    ((_, detail),) = aws.outcomes
    assert FIELDS - set(detail) == {absent}


def test_moments_and_attempts_of_the_detail_are_those_of_the_payment(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    first = ago(seconds=30)
    fields = message(unique("SUCCEEDS"), paymentCreateTime="2099-12-31T16:00:00Z")
    function(record(fields, 4, first))
    ((_, detail),) = aws.outcomes
    moments = {
        name: datetime.fromisoformat(detail[name])
        for name in ("firstAttemptAt", "resolvedAt", "cutoffAt")
    }
    assert detail["attempts"] == 4
    assert abs(moments["firstAttemptAt"] - first) < timedelta(milliseconds=2)
    assert abs(moments["resolvedAt"] - ago()) < timedelta(seconds=5)
    assert moments["cutoffAt"] == datetime.fromisoformat("2100-01-02T00:15:00+08:00")


def test_attempts_of_a_tracked_payment_include_those_before(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    first = ago(hours=1)
    function(record(tracked(message(unique("SUCCEEDS")), "t", 12, first), 2))
    ((_, detail),) = aws.outcomes
    assert detail["attempts"] == 14
    moment = datetime.fromisoformat(detail["firstAttemptAt"])
    assert abs(moment - first) < timedelta(milliseconds=2)


@pytest.mark.parametrize("scenario", ["SUCCEEDS", "FAILS-PROCESS_FAIL"])
def test_outcome_id_is_the_same_on_a_repeat_and_differs_between_payments(
    function: Function, aws: AwsDouble, unique: Unique, scenario: str
) -> None:
    fields, other = message(unique(scenario)), message(unique(scenario))
    function(record(fields))
    function(record(tracked(fields), 3), record(other))
    first, repeat, different = (detail["outcomeId"] for _, detail in aws.outcomes)
    assert first == repeat != different


def test_outcome_ids_of_one_payment_differ_by_outcome(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("FAILS-PROCESS_FAIL-1")
    for _ in range(2):
        function(record(message(name)))
    (_, failed), (_, cancelled) = aws.outcomes
    assert (failed["outcome"], cancelled["outcome"]) == ("FAILED", "CANCELLED")
    assert failed["outcomeId"] != cancelled["outcomeId"]


def test_untracked_failure_waits_in_the_dead_letter_queue_for_a_redrive(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    sent = record(message(unique("FAILS-PROCESS_FAIL"), note="支付 unchanged"))
    assert function(sent) == []
    (call,) = aws.of("SendMessage")
    attributes = {k: v["StringValue"] for k, v in call["MessageAttributes"].items()}
    assert (call["QueueUrl"], call["MessageBody"]) == (DLQ, sent["body"])
    assert attributes["resultCode"] == "PROCESS_FAIL"
    assert "connect_support@service.alipay.com" in attributes["furtherAction"]
    assert set(attributes) == {"rejectReason", "furtherAction", "resultCode"}


@pytest.mark.parametrize("scenario", ["SUCCEEDS", "FAILS-CANCEL_WINDOW_EXCEED"])
def test_success_and_refund_leave_nothing_in_the_dead_letter_queue(
    function: Function, aws: AwsDouble, unique: Unique, scenario: str
) -> None:
    assert function(record(message(unique(scenario)))) == []
    assert aws.actions == ["GetSecretValue", "PutEvents"]


@pytest.mark.parametrize(
    ("scenario", "disposition", "code"),
    [
        ("SUCCEEDS", "CANCELLED", "SUCCESS"),
        ("FAILS-CANCEL_WINDOW_EXCEED", "REFUND_REQUIRED", "CANCEL_WINDOW_EXCEED"),
    ],
)
def test_tracker_is_told_success_and_refund_as_the_output_of_its_task(
    function: Function,
    aws: AwsDouble,
    unique: Unique,
    scenario: str,
    disposition: str,
    code: str,
) -> None:
    assert function(record(tracked(message(unique(scenario)), "token-7"), 2)) == []
    expected = {"disposition": disposition, "attempts": 14, "resultCode": code}
    assert aws.told == [("token-7", expected)]


def test_tracker_is_told_another_failure_as_the_error_of_its_task(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    assert function(record(tracked(message(unique("FAILS-ACCESS_DENIED")), "token-7"))) == []
    (call,) = aws.of("SendTaskFailure")
    assert (call["taskToken"], call["error"]) == ("token-7", "ACCESS_DENIED")
    assert call["cause"] == aws.outcomes[0][1]["furtherAction"]
    assert aws.of("SendMessage", "SendTaskSuccess") == []


def test_event_is_published_before_the_tracker_is_told_and_before_the_dead_letter_queue(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    function(
        record(tracked(message(unique("SUCCEEDS")), "token-1")),
        record(tracked(message(unique("FAILS-PROCESS_FAIL")), "token-2")),
        record(message(unique("FAILS-PROCESS_FAIL"))),
    )
    effects = [one for one in aws.actions if one != "GetSecretValue"]
    assert effects[0] == "PutEvents"
    assert sorted(effects[1:]) == ["SendMessage", "SendTaskFailure", "SendTaskSuccess"]


def test_ten_outcomes_go_out_in_one_call_and_each_payment_is_asked_for_once(
    function: Function, aws: AwsDouble, unique: Unique, stand_in: StandIn
) -> None:
    names = [unique("SUCCEEDS") for _ in range(10)]
    assert function(*[record(message(name)) for name in names]) == []
    (call,) = aws.of("PutEvents")
    assert [json.loads(one["Detail"])["paymentRequestId"] for one in call["Entries"]] == names
    assert [len(stand_in.requests(name)) for name in names] == [1] * 10
