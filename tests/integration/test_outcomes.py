"""What is published of an answer, and what is put aside for a person."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import jsonschema
from verify_proof import verify

from tests.conftest import ROOT, KeyPair
from tests.integration.conftest import CREATED, Lab
from tests.support.function import QUEUE, SETTINGS
from tests.support.records import ago, message, record
from tests.support.signer import FAIL, REFUND, result

SUPPORT = (
    "Do not retry. Contact connect_support@service.alipay.com with the payment's ids and this code."
)
OUTCOME = json.loads((ROOT / "events" / "outcome.schema.json").read_text("utf-8"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_every_outcome_is_published_as_the_contract_says(lab: Lab, theirs: KeyPair) -> None:
    """Its proof included, which whoever holds Alipay+'s public key can verify."""
    lab.answers(Refund=REFUND, Fail=FAIL)
    sent = [record(message(one, paymentId="支付")) for one in ("Success", "Refund", "Fail")]
    assert lab.function(*sent) == []
    assert {detail["paymentRequestId"]: kind for kind, detail in lab.aws.outcomes} == {
        "Success": "Payment Cancelled",
        "Refund": "Payment Refund Required",
        "Fail": "Payment Cancellation Failed",
    }
    for _, detail in lab.aws.outcomes:
        jsonschema.validate(detail, OUTCOME, format_checker=jsonschema.FormatChecker())
        assert detail["resultCode"] in verify(detail, {"1": theirs.spki.encode()})
        name = detail["paymentRequestId"]
        (asked,) = [one for one in lab.gateway.requests if one.payment == name]
        assert detail["proof"]["request"].encode() == asked.body
        assert [detail["proof"]["requestTime"]] == asked.values("Request-Time")
    (call,) = lab.aws.of("PutEvents")
    sources = {(entry["Source"], entry["EventBusName"]) for entry in call["Entries"]}
    assert sources == {("alipayplus.cancelPayment", SETTINGS["OUTCOME_BUS_NAME"])}


def test_detail_holds_what_is_known_of_the_payment_and_nothing_else(lab: Lab) -> None:
    said = {"resultStatus": "S", "resultCode": "SUCCESS", "resultMessage": "成功"}
    body = {"result": said, "pspId": "psp", "acquirerId": "acquirer"}
    lab.answers(P=json.dumps(body | {"more": 1}).encode())
    first = ago(seconds=8)
    lab.function(record(message("P", paymentId="", paymentCreateTime=CREATED, extra=1), 3, first))

    ((_, detail),) = lab.aws.outcomes
    assert detail.pop("proof")
    assert timedelta() <= ago() - moment(detail.pop("resolvedAt")) < timedelta(seconds=5)
    assert abs(moment(detail.pop("firstAttemptAt")) - first) < timedelta(milliseconds=2)
    assert detail == said | {
        "version": "2",
        "outcomeId": "CANCELLED:paymentRequestId:P",
        "outcome": "CANCELLED",
        "paymentRequestId": "P",
        "furtherAction": "The merchant can start a new payment.",
        "pspId": "psp",
        "acquirerId": "acquirer",
        "attempts": 3,
        "cutoffAt": "2026-11-23T00:15:00.000+08:00",
    }


def test_outcome_id_is_the_same_for_a_repeat_and_no_other_outcome(lab: Lab) -> None:
    for body in (b"", FAIL, result("F", "PARAM_ILLEGAL"), REFUND):
        lab.answers(P=body)
        lab.function(record(message("P")), record(message("P")))
    lab.function(record(message("", paymentId="Q")))
    ids = [detail["outcomeId"] for _, detail in lab.aws.outcomes]
    assert ids[::2] == [
        "CANCELLED:paymentRequestId:P",
        "FAILED:PROCESS_FAIL:paymentRequestId:P",
        "FAILED:PARAM_ILLEGAL:paymentRequestId:P",
        "REFUND_REQUIRED:paymentRequestId:P",
        "CANCELLED:paymentId:Q",
    ]
    assert ids[:-1:2] == ids[1::2]


def test_untracked_failure_leaves_a_copy_that_can_be_redriven_after_its_event(lab: Lab) -> None:
    lab.answers(P=FAIL, R=REFUND)
    sent = record(message("P", extra="kept"))
    assert lab.function(sent, record(message("S")), record(message("R"))) == []
    reason = "cancelPayment failed with PROCESS_FAIL"
    attributes = {"rejectReason": reason, "furtherAction": SUPPORT, "resultCode": "PROCESS_FAIL"}
    assert lab.aws.dead_letters == [(sent["body"], attributes)]
    assert [call["QueueUrl"] for call in lab.aws.of("SendMessage")] == [f"{QUEUE}-dlq"]
    assert lab.aws.actions == ["GetSecretValue", "PutEvents", "SendMessage"]
    (line,) = lab.logged(message="sent to the dead-letter queue")
    assert (line["paymentRequestId"], line["messageId"]) == ("P", sent["messageId"])


def test_record_that_cannot_be_read_is_put_aside_beside_nine_good_ones(lab: Lab) -> None:
    bad = [record("not JSON"), record({"paymentId": "Q"})]
    assert lab.function(*[record(message(f"P-{number}")) for number in range(8)], *bad) == []
    assert len(lab.aws.outcomes) == len(lab.gateway.asked) == 8
    letters = {body: attributes["rejectReason"] for body, attributes in lab.aws.dead_letters}
    assert letters == {
        "not JSON": "the body is not a JSON object",
        '{"paymentId": "Q"}': "paymentCreateTime is missing",
    }
    assert all(set(one) == {"rejectReason", "furtherAction"} for _, one in lab.aws.dead_letters)
    (line,) = lab.logged(messageId=bad[1]["messageId"])
    assert (line["level"], line["message"]) == ("ERROR", "sent to the dead-letter queue")
    assert (line["paymentId"], line["rejectReason"]) == ("Q", "paymentCreateTime is missing")
    assert line["furtherAction"]


def test_batch_without_a_readable_record_needs_no_keys_and_an_empty_one_nothing(lab: Lab) -> None:
    assert lab.function(*[record("x" * 200_000) for _ in range(10)]) == []
    assert lab.aws.actions == ["SendMessage"] * 10
    lab.aws.calls.clear()
    assert lab.function() == []
    assert lab.aws.actions == []
