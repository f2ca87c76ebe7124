"""What is published of an answer, and what is put aside for a person."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import jsonschema
from verify_proof import verify

from tests.conftest import ROOT, KeyPair
from tests.support.aws import AwsDouble
from tests.support.function import QUEUE, SETTINGS, Function
from tests.support.gateway import Gateway
from tests.support.records import ago, message, record
from tests.support.signer import Signer, by_payment, result

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
    (line,) = [one for one in function.logs if one["message"] == "sent to the dead-letter queue"]
    assert (line["paymentRequestId"], line["messageId"]) == ("P", sent["messageId"])


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
