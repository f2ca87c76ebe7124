"""What the trackers are told and given: nothing of a payment is lost, and none has two of them."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.integration.conftest import FAIL, REFUND, answering, late
from tests.support.aws import AwsDouble
from tests.support.function import SETTINGS, Function
from tests.support.gateway import FIN, Gateway
from tests.support.records import ago, closed, message, record, tracked
from tests.support.signer import UNKNOWN, Signer, answer, result

CLOSED = "2026-01-05T16:15:00.000Z"


def delay(text: str) -> float:
    """Seconds from now; the forms of Step Functions end in ``Z``."""
    assert text.endswith("Z")
    return (datetime.fromisoformat(text) - ago()).total_seconds()


def test_tracker_is_told_success_and_refund_after_the_event(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, R=REFUND)
    sent = [record(tracked(message("S"), "token-S")), record(tracked(message("R"), "token-R"), 2)]
    assert function(*sent) == []
    refund = {"disposition": "REFUND_REQUIRED", "resultCode": "CANCEL_WINDOW_EXCEED"}
    assert sorted(aws.task_outputs) == [
        ("token-R", refund | {"attempts": 14}),
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
    ((token, name, cause),) = aws.failed_tasks
    assert (token, name) == ("token-1", error)
    assert cause.startswith("Do not retry. Contact connect_support@")
    assert aws.actions == ["GetSecretValue", "PutEvents", "SendTaskFailure"]


@pytest.mark.parametrize("what", ["U", "no answer", "unproven"])
def test_unknown_of_the_first_minute_is_re_queued_and_of_later_handed_to_a_tracker(
    what: str, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answers = {
        "U": [signer.answer(UNKNOWN)],
        "no answer": [FIN],
        "unproven": [answer(result("S", "SUCCESS"))],
    }
    gateway.answer = lambda _: answers[what]
    sent = record(message("P"))
    assert function(sent) == [sent["messageId"]]
    assert aws.actions == ["GetSecretValue", "ChangeMessageVisibilityBatch"]
    ((changed,),) = [list(call.items()) for call in aws.visibility]
    assert changed[0] == sent["receiptHandle"]
    assert 5 <= changed[1] <= 8
    assert function(late(message("P"))) == []
    (given,) = aws.started.values()
    assert 25 < delay(given["nextAttemptAt"]) <= 65
    assert (aws.outcomes, aws.dead_letters) == ([], [])


def test_input_of_the_tracker_is_the_one_of_the_contract(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = lambda _: [signer.answer(UNKNOWN)]
    first = ago(seconds=61)
    created = first.isoformat()
    function(record(message("P", paymentId="Q", paymentCreateTime=created, extra=1), 12, first))
    function(record(message("", paymentId="a b", paymentCreateTime=created), 12, first))
    machines = {call["stateMachineArn"] for call in aws.of("StartExecution")}
    assert machines == {SETTINGS["TRACKER_STATE_MACHINE_ARN"]}
    given, (hashed, other) = aws.started["P"], list(aws.started.items())[1]
    ids = {"paymentRequestId": "P", "paymentId": "Q"}
    assert given["payment"] == ids | {"paymentCreateTime": created}
    assert other["payment"] == {"paymentId": "a b", "paymentCreateTime": created}
    assert (given["attempts"], len(hashed)) == (12, 64)
    times = {"cutoffAt", "firstAttemptAt", "nextAttemptAt"}
    assert all(given[name].endswith("Z") for name in times)
    assert given.keys() == times | {"payment", "attempts"}
    assert abs(delay(given["firstAttemptAt"]) + 61) < 5
    assert given["cutoffAt"].endswith("T16:15:00.000Z")


@pytest.mark.parametrize("since", [1, 120])
def test_tracked_unknown_tells_its_tracker_when_to_try_again(
    since: int, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = lambda asked: [FIN] if asked.payment == "N" else [signer.answer(UNKNOWN)]
    sent = [record(tracked(message(one), f"token-{one}", 12, ago(seconds=since))) for one in "PN"]
    assert function(*sent) == []
    told = dict(aws.task_outputs)
    for output in told.values():
        assert 25 < delay(output.pop("nextAttemptAt")) <= max(since, 60) + 2
    assert told == {
        "token-P": {"disposition": "RETRY", "attempts": 13, "resultCode": "UNKNOWN_EXCEPTION"},
        "token-N": {"disposition": "RETRY", "attempts": 13},
    }
    assert aws.of("ChangeMessageVisibilityBatch", "StartExecution", "PutEvents") == []


def test_untracked_request_is_sent_however_late_and_a_tracked_one_is_not(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=UNKNOWN, R=REFUND)
    batch = [record(closed("P")), record(closed("R"), 7, ago(minutes=3))]
    assert function(*batch, record(tracked(closed("T"), "token-7", 40, ago(hours=3)))) == []
    assert sorted(gateway.asked) == ["P", "R"]
    assert [kind for kind, _ in aws.outcomes] == ["Payment Refund Required"]
    assert aws.started["P"]["nextAttemptAt"] == aws.started["P"]["cutoffAt"] == CLOSED
    output = {"disposition": "RETRY", "attempts": 41, "nextAttemptAt": CLOSED}
    assert aws.task_outputs == [("token-7", output)]


@pytest.mark.parametrize("body", [b"", REFUND, FAIL, UNKNOWN])
def test_closing_call_is_sent_after_the_cutoff_and_its_tracker_told_what_it_brought(
    body: bytes, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=body)
    assert function(record(tracked(closed("P"), closing=True, execution="P"))) == []
    assert gateway.asked == ["P"]
    assert len(aws.outcomes) == (body != UNKNOWN)
    if body == UNKNOWN:
        ((_, output),) = aws.task_outputs
        assert (output["nextAttemptAt"], output["disposition"]) == (CLOSED, "RETRY")
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


# What a person may have started by hand under the payment's name.
