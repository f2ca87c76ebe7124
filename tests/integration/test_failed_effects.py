"""An effect that fails: its record, and only it, comes back, soon, counted and logged."""

from __future__ import annotations

import pytest

from tests.support.aws import AwsDouble, Parameters, Reply, failed_entries
from tests.support.function import Function
from tests.support.gateway import Gateway
from tests.support.records import Record, ago, message, record, tracked
from tests.support.signer import UNKNOWN, Signer, by_payment, result

FAIL = result("F", "PROCESS_FAIL")


def failures(function: Function) -> dict[str, str]:
    """The effects that failed, by payment, and why."""
    return {
        line["paymentRequestId"]: line["reason"]
        for line in function.logs
        if line["message"] == "an effect failed, the message comes back"
    }


def ids(*records: Record) -> list[str]:
    return [one["messageId"] for one in records]


def test_entry_that_was_not_taken_fails_its_record_and_nothing_follows_from_it(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, {"F": FAIL})
    aws.replies["PutEvents"] = failed_entries(0, 1)
    sent = [
        record(message("F")),
        record(tracked(message("T"), "token-T"), 2),
        record(tracked(message("taken"), "token-taken")),
        record(message("S")),
    ]
    assert function(*sent) == ids(*sent[:2])
    assert [token for token, _ in aws.task_outputs] == ["token-taken"]
    assert aws.dead_letters == []
    assert failures(function) == dict.fromkeys("FT", "outcome not published: InternalFailure")
    assert {one["messageId"] for one in function.logs if "messageId" in one} == {*ids(*sent[:2])}
    assert sum(function.metrics["EffectsFailed"]) == 2
    (changed,) = aws.visibility
    soon, later = (changed.pop(one["receiptHandle"]) for one in sent[:2])
    assert (5 <= soon <= 10, 10 <= later <= 20, changed) == (True, True, {})


def test_bus_that_is_down_once_is_tried_again_within_the_invocation(
    function: Function, aws: AwsDouble
) -> None:
    answers = iter([(500, {"__type": "InternalFailure"})])

    def reply(parameters: Parameters) -> Reply:
        return next(answers, None) or failed_entries()(parameters)

    aws.replies["PutEvents"] = reply
    assert function(record(message("P"))) == []
    assert len(aws.of("PutEvents")) == 2


def test_unknown_payments_are_re_queued_before_anything_that_may_take_long(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, dict.fromkeys("UV", UNKNOWN))
    sent = [record(message(one)) for one in "UVS"] + [record(tracked(message("T")))]
    assert function(*sent) == ids(*sent[:2])
    assert aws.actions[:3] == ["GetSecretValue", "ChangeMessageVisibilityBatch", "PutEvents"]
    (changed,) = aws.visibility
    assert changed.keys() == {one["receiptHandle"] for one in sent[:2]}


@pytest.mark.parametrize("entry", [False, True])
def test_visibility_that_cannot_be_changed_loses_nothing_and_is_no_failed_effect(
    entry: bool, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, dict.fromkeys("UV", UNKNOWN))
    if entry:
        failed = {"Id": "1", "Code": "ReceiptHandleIsInvalid", "SenderFault": True}
        aws.replies["ChangeMessageVisibilityBatch"] = lambda _: (200, {"Failed": [failed]})
    else:
        aws.fail("ChangeMessageVisibilityBatch", "ReceiptHandleIsInvalid")
    sent = [record(message("U")), record(message("V"))]
    assert function(*sent) == ids(*sent)
    assert sum(function.metrics["EffectsFailed"]) == 0
    warned = {
        line["paymentRequestId"]
        for line in function.logs
        if line.get("reason") == "ReceiptHandleIsInvalid"
    }
    assert warned == ({"V"} if entry else {"U", "V"})


def test_effects_of_different_records_do_not_wait_for_each_other(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    names = [f"P-{number}" for number in range(10)]
    gateway.answer = by_payment(signer, dict.fromkeys(names, UNKNOWN))
    aws.delay("StartExecution", 0.4)
    assert function(*[record(message(name), 12, ago(seconds=61)) for name in names]) == []
    assert set(aws.started) == set(names)
    assert function.seconds < 3
