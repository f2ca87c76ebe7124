"""What an attempt leaves in the world, and in which order, when every service does its work."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import jsonschema
import pytest
from verify_proof import verify

from tests.conftest import ROOT, KeyPair
from tests.support.aws import AwsDouble, Execution
from tests.support.function import QUEUE, SETTINGS, Function
from tests.support.gateway import FIN, Gateway
from tests.support.records import ago, closed, message, record, tracked
from tests.support.signer import UNKNOWN, Signer, answer, by_payment, result

REFUND = result("F", "CANCEL_WINDOW_EXCEED")
FAIL = result("F", "PROCESS_FAIL")
SUPPORT = (
    "Do not retry. Contact connect_support@service.alipay.com with the payment's ids and this code."
)
OUTCOME = json.loads((ROOT / "events" / "outcome.schema.json").read_text("utf-8"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def answering(gateway: Gateway, signer: Signer, **bodies: bytes) -> None:
    gateway.answer = by_payment(signer, bodies)


def delay(text: str) -> float:
    """Seconds from now; the forms of Step Functions end in ``Z``."""
    assert text.endswith("Z")
    return (moment(text) - ago()).total_seconds()


def test_every_outcome_is_published_as_the_contract_says(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, Refund=REFUND, Fail=FAIL)
    kept = function(*[record(message(one)) for one in ("Success", "Refund", "Fail")])

    assert kept == []
    assert {detail["paymentRequestId"]: kind for kind, detail in aws.outcomes} == {
        "Success": "Payment Cancelled",
        "Refund": "Payment Refund Required",
        "Fail": "Payment Cancellation Failed",
    }
    for _, detail in aws.outcomes:
        jsonschema.validate(detail, OUTCOME, format_checker=jsonschema.FormatChecker())
    (call,) = aws.of("PutEvents")
    sources = {(entry["Source"], entry["EventBusName"]) for entry in call["Entries"]}
    assert sources == {("alipayplus.cancelPayment", SETTINGS["OUTCOME_BUS_NAME"])}


def test_detail_holds_what_is_known_of_the_payment_and_nothing_else(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    body = json.dumps(
        {
            "result": {"resultStatus": "S", "resultCode": "SUCCESS", "resultMessage": "成功"},
            "pspId": "psp",
            "acquirerId": "acquirer",
            "more": 1,
        }
    ).encode()
    answering(gateway, signer, P=body)
    first = ago(seconds=8)
    created = "2026-11-22T12:00:00+08:00"
    function(record(message("P", paymentId="", paymentCreateTime=created, extra=1), 3, first))

    ((_, detail),) = aws.outcomes
    assert detail.pop("proof")
    assert timedelta() <= ago() - moment(detail.pop("resolvedAt")) < timedelta(seconds=5)
    assert abs(moment(detail.pop("firstAttemptAt")) - first) < timedelta(milliseconds=2)
    assert detail == {
        "version": "2",
        "outcomeId": "CANCELLED:paymentRequestId:P",
        "outcome": "CANCELLED",
        "paymentRequestId": "P",
        "resultStatus": "S",
        "resultCode": "SUCCESS",
        "resultMessage": "成功",
        "furtherAction": "The merchant can start a new payment.",
        "pspId": "psp",
        "acquirerId": "acquirer",
        "attempts": 3,
        "cutoffAt": "2026-11-23T00:15:00.000+08:00",
    }


def test_outcome_id_is_the_same_for_a_repeat_and_no_other_outcome(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    fields: list[dict[str, Any]] = [message("P"), message("P"), message("", paymentId="P")]
    for fail in (b"", FAIL, result("F", "PARAM_ILLEGAL"), REFUND):
        answering(gateway, signer, P=fail)
        function(*[record(one) for one in fields[:2]])
    function(record(message("Q")))
    ids = [detail["outcomeId"] for _, detail in aws.outcomes]
    assert ids[::2] == [
        "CANCELLED:paymentRequestId:P",
        "FAILED:PROCESS_FAIL:paymentRequestId:P",
        "FAILED:PARAM_ILLEGAL:paymentRequestId:P",
        "REFUND_REQUIRED:paymentRequestId:P",
        "CANCELLED:paymentRequestId:Q",
    ]
    assert ids[:-1:2] == ids[1::2]


def test_proof_is_verified_by_whoever_holds_alipays_public_key(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer, theirs: KeyPair
) -> None:
    answering(gateway, signer, R=REFUND)
    function(record(message("P", paymentId="支付")), record(message("R")))
    assert len(aws.outcomes) == 2
    for _, detail in aws.outcomes:
        assert detail["resultCode"] in verify(detail, {"1": theirs.spki.encode()})
        (sent,) = [one for one in gateway.requests if one.payment == detail["paymentRequestId"]]
        assert detail["proof"]["request"].encode() == sent.body
        assert [detail["proof"]["requestTime"]] == sent.values("Request-Time")


def test_untracked_failure_leaves_a_copy_that_can_be_redriven_after_its_event(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=FAIL, R=REFUND)
    sent = record(message("P", extra="kept"))
    assert function(sent, record(message("S")), record(message("R"))) == []
    reason = "cancelPayment failed with PROCESS_FAIL"
    attributes = {"rejectReason": reason, "furtherAction": SUPPORT, "resultCode": "PROCESS_FAIL"}
    assert aws.dead_letters == [(sent["body"], attributes)]
    assert [call["QueueUrl"] for call in aws.of("SendMessage")] == [f"{QUEUE}-dlq"]
    assert aws.actions == ["GetSecretValue", "PutEvents", "SendMessage"]


def test_tracker_is_told_success_and_refund_after_the_event(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, R=REFUND)
    sent = [record(tracked(message("S"), "token-S")), record(tracked(message("R"), "token-R"), 2)]
    assert function(*sent) == []
    assert sorted(aws.task_outputs) == [
        (
            "token-R",
            {"disposition": "REFUND_REQUIRED", "attempts": 14}
            | {"resultCode": "CANCEL_WINDOW_EXCEED"},
        ),
        ("token-S", {"disposition": "CANCELLED", "attempts": 13, "resultCode": "SUCCESS"}),
    ]
    assert aws.actions == ["GetSecretValue", "PutEvents", "SendTaskSuccess", "SendTaskSuccess"]
    assert [detail["attempts"] for _, detail in aws.outcomes] == [13, 14]


@pytest.mark.parametrize(
    ("code", "error"), [("PROCESS_FAIL", "PROCESS_FAIL"), ("States.Timeout", "States_Timeout")]
)
def test_tracker_is_told_another_failure_as_the_error_of_its_task(
    code: str, error: str, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=result("F", code))
    assert function(record(tracked(message("P")))) == []
    assert aws.failed_tasks == [("token-1", error, SUPPORT)]
    assert aws.actions == ["GetSecretValue", "PutEvents", "SendTaskFailure"]


@pytest.mark.parametrize("what", ["U", "no answer", "unproven", "throttled"])
def test_unknown_of_the_first_minute_is_re_queued_and_of_later_handed_to_a_tracker(
    what: str, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answers = {
        "U": [signer.answer(UNKNOWN)],
        "no answer": [FIN],
        "unproven": [answer(result("S", "SUCCESS"))],
        "throttled": [signer.answer(result("U", "REQUEST_TRAFFIC_EXCEED_LIMIT"))],
    }
    gateway.answer = lambda _: answers[what]
    sent = record(message("P"))

    if what == "throttled":
        assert function(sent) == []
    else:
        assert function(sent) == [sent["messageId"]]
        assert aws.actions == ["GetSecretValue", "ChangeMessageVisibilityBatch"]
        ((changed,),) = [list(call.items()) for call in aws.visibility]
        assert changed[0] == sent["receiptHandle"]
        assert 5 <= changed[1] <= 8
        assert function(record(message("P"), 12, ago(seconds=61))) == []
    (given,) = aws.started.values()
    assert 25 < delay(given["nextAttemptAt"]) <= 65
    assert (aws.outcomes, aws.dead_letters) == ([], [])


def test_input_of_the_tracker_is_the_one_of_the_contract(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=UNKNOWN)
    first = ago(seconds=61)
    created = first.isoformat()
    fields = message("P", paymentId="Q", paymentCreateTime=created, extra=1)
    function(record(fields, 12, first))
    (call,) = aws.of("StartExecution")
    assert call["stateMachineArn"] == SETTINGS["TRACKER_STATE_MACHINE_ARN"]
    given = aws.started["P"]
    assert given["payment"] == {
        "paymentRequestId": "P",
        "paymentId": "Q",
        "paymentCreateTime": created,
    }
    assert given["attempts"] == 12
    assert abs(moment(given["firstAttemptAt"]) - first) < timedelta(milliseconds=2)
    assert delay(given["cutoffAt"]) > 60
    assert moment(given["cutoffAt"]).strftime("%H:%M:%S.%f") == "16:15:00.000000"
    times = {"cutoffAt", "firstAttemptAt", "nextAttemptAt"}
    assert all(given[name].endswith("Z") for name in times)
    assert given.keys() == times | {"payment", "attempts"}


def test_payment_known_by_payment_id_alone_is_tracked_by_it(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = lambda _: [signer.answer(UNKNOWN)]
    fields = message("", paymentId="a b")
    function(record(fields, 12, ago(seconds=61)))
    ((name, given),) = aws.started.items()
    assert len(name) == 64
    assert given["payment"] == {
        "paymentId": "a b",
        "paymentCreateTime": fields["paymentCreateTime"],
    }


@pytest.mark.parametrize("since", [1, 120])
def test_tracked_unknown_tells_its_tracker_when_to_try_again(
    since: int, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=UNKNOWN)
    gateway_answers = gateway.answer
    gateway.answer = lambda asked: [FIN] if asked.payment == "N" else gateway_answers(asked)
    fields = tracked(message("P"), "token-P", 12, ago(seconds=since))
    nobody = tracked(message("N"), "token-N", 12, ago(seconds=since))
    assert function(record(fields), record(nobody)) == []
    told = dict(aws.task_outputs)
    for output in told.values():
        assert 25 < delay(output.pop("nextAttemptAt")) <= max(since, 60) + 2
    assert told == {
        "token-P": {"disposition": "RETRY", "attempts": 13, "resultCode": "UNKNOWN_EXCEPTION"},
        "token-N": {"disposition": "RETRY", "attempts": 13},
    }
    assert aws.of("ChangeMessageVisibilityBatch", "StartExecution", "PutEvents") == []


def test_untracked_request_is_sent_however_late_and_its_unknown_handed_over_as_closed(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=UNKNOWN, R=REFUND)
    late = [record(closed("P")), record(closed("R"), 7, ago(minutes=3))]
    assert function(*late) == []
    assert sorted(gateway.asked) == ["P", "R"]
    assert [kind for kind, _ in aws.outcomes] == ["Payment Refund Required"]
    given = aws.started["P"]
    assert given["nextAttemptAt"] == given["cutoffAt"] == "2026-01-05T16:15:00.000Z"


def test_tracked_request_after_the_cutoff_is_not_sent_and_its_tracker_told_the_cutoff(
    function: Function, gateway: Gateway, aws: AwsDouble
) -> None:
    assert function(record(tracked(closed("P"), "token-7", 40, ago(hours=3)))) == []
    assert (gateway.asked, aws.actions) == ([], ["SendTaskSuccess"])
    assert aws.task_outputs == [
        (
            "token-7",
            {"disposition": "RETRY", "attempts": 41, "nextAttemptAt": "2026-01-05T16:15:00.000Z"},
        )
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "Payment Cancelled"),
        (REFUND, "Payment Refund Required"),
        (FAIL, "Payment Cancellation Failed"),
        (UNKNOWN, None),
    ],
)
def test_closing_call_is_sent_after_the_cutoff_and_its_tracker_told_what_it_brought(
    body: bytes,
    kind: str | None,
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
) -> None:
    answering(gateway, signer, P=body)
    assert function(record(tracked(closed("P"), closing=True, execution="P"))) == []
    assert gateway.asked == ["P"]
    assert [one for one, _ in aws.outcomes] == ([kind] if kind else [])
    if kind is None:
        ((_, output),) = aws.task_outputs
        assert output["nextAttemptAt"] == "2026-01-05T16:15:00.000Z"
        assert output["disposition"] == "RETRY"
    assert len(aws.task_outputs) + len(aws.failed_tasks) == 1


def test_closing_call_that_could_not_be_sent_comes_back_by_the_queue(
    function: Function, gateway: Gateway, aws: AwsDouble
) -> None:
    aws.secret = "{}"
    sent = record(tracked(closed("P"), closing=True), 2)
    assert function(sent) == [sent["messageId"]]
    assert (gateway.asked, aws.task_outputs, aws.outcomes) == ([], [], [])
    ((changed,),) = [list(call.items()) for call in aws.visibility]
    assert changed[0] == sent["receiptHandle"]
    assert 10 <= changed[1] <= 20
    assert sum(function.metrics["EffectsFailed"]) == 0


def test_second_event_of_a_payment_whose_tracker_runs_starts_none(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=UNKNOWN)
    for _ in range(2):
        assert function(record(message("P"), 12, ago(seconds=61))) == []
    assert list(aws.started) == ["P"]


# What a person may have started by hand under the payment's name.
INPUTS = [{}, {"payment": None}, {"payment": []}, {"payment": {"paymentRequestId": "Q"}}, []]


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"])
def test_payment_whose_tracker_has_ended_gets_the_next_name(
    status: str, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=UNKNOWN)
    given = {"payment": {"paymentRequestId": "P"}}
    aws.executions |= {"P": Execution(status, given), "P-2": Execution(status, given)}
    assert function(record(message("P"), 12, ago(seconds=61))) == []
    assert list(aws.started) == ["P-3"]


@pytest.mark.parametrize("given", INPUTS, ids=str)
def test_running_execution_of_that_name_that_is_not_this_payments_counts_as_ended(
    given: Any, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=UNKNOWN)
    aws.executions["P"] = Execution("RUNNING", given)
    assert function(record(message("P"), 12, ago(seconds=61))) == []
    assert list(aws.started) == ["P-2"]


def test_running_second_tracker_is_found_behind_the_ended_first(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=UNKNOWN)
    given = {"payment": {"paymentRequestId": "P"}}
    aws.executions |= {"P": Execution("FAILED", given), "P-2": Execution("RUNNING", given)}
    assert function(record(message("P"), 12, ago(seconds=61))) == []
    assert aws.started == {}


def test_record_that_cannot_be_read_is_put_aside_beside_nine_good_ones(
    function: Function, gateway: Gateway, aws: AwsDouble
) -> None:
    bodies = ["not JSON", {"paymentId": "Q"}]
    sent = [record(message(f"P-{number}")) for number in range(8)] + [record(b) for b in bodies]
    assert function(*sent) == []
    assert len(aws.outcomes) == len(gateway.asked) == 8
    letters = {body: attributes["rejectReason"] for body, attributes in aws.dead_letters}
    assert letters == {
        "not JSON": "the body is not a JSON object",
        '{"paymentId": "Q"}': "paymentCreateTime is missing",
    }
    assert all(set(one) == {"rejectReason", "furtherAction"} for _, one in aws.dead_letters)


def test_batch_without_a_readable_record_needs_no_keys_and_an_empty_one_nothing(
    function: Function, aws: AwsDouble
) -> None:
    assert function(*[record("x" * 200_000) for _ in range(10)]) == []
    assert aws.actions == ["SendMessage"] * 10
    aws.calls.clear()
    assert function() == []
    assert aws.actions == []
