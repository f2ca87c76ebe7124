"""What the trackers are told and given: nothing of a payment is lost, and none has two of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.support.aws import AwsDouble, Execution, error
from tests.support.function import SETTINGS, Function
from tests.support.gateway import FIN, Gateway
from tests.support.records import Record, ago, closed, message, record, tracked
from tests.support.signer import UNKNOWN, Signer, answer, by_payment, result

REFUND = result("F", "CANCEL_WINDOW_EXCEED")
FAIL = result("F", "PROCESS_FAIL")
CLOSED = "2026-01-05T16:15:00.000Z"


def answering(gateway: Gateway, signer: Signer, **bodies: bytes) -> None:
    gateway.answer = by_payment(signer, bodies)


def delay(text: str) -> float:
    """Seconds from now; the forms of Step Functions end in ``Z``."""
    assert text.endswith("Z")
    return (datetime.fromisoformat(text) - ago()).total_seconds()


def late(fields: dict[str, Any]) -> Record:
    """A record past its first minute."""
    return record(fields, 12, ago(seconds=61))


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


OURS = {"payment": {"paymentRequestId": "P"}}
# What a person may have started by hand under the payment's name.
BY_HAND: list[Any] = [{}, {"payment": None}, {"payment": []}, {"payment": {"paymentId": "P"}}, []]


@pytest.mark.parametrize(
    ("there", "started"),
    [
        *(([(status, OURS)] * 2, ["P-3"]) for status in ("SUCCEEDED", "FAILED", "ABORTED")),
        ([("RUNNING", OURS)], []),
        ([("FAILED", OURS), ("RUNNING", OURS)], []),
        *(([("RUNNING", given)], ["P-2"]) for given in BY_HAND),
    ],
    ids=str,
)
def test_payment_gets_the_first_free_name_unless_its_tracker_runs(
    there: list[tuple[str, Any]],
    started: list[str],
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
) -> None:
    answering(gateway, signer, P=UNKNOWN)
    names = ["P", "P-2"]
    aws.executions |= {name: Execution(*one) for name, one in zip(names, there, strict=False)}
    assert function(late(message("P"))) == []
    assert list(aws.started) == started


def test_payment_whose_twenty_trackers_have_ended_is_put_aside(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=UNKNOWN)
    names = ["P", *(f"P-{number}" for number in range(2, 25))]
    aws.executions |= {name: Execution("FAILED", OURS) for name in names}
    assert function(late(message("P"))) == []
    assert [call["name"] for call in aws.of("StartExecution")] == names[:20]
    ((_, attributes),) = aws.dead_letters
    assert attributes["rejectReason"] == (
        "all 20 trackers that this payment may have had have ended"
    )


@pytest.mark.parametrize("code", ["InvalidToken", "TaskTimedOut", "TaskDoesNotExist"])
@pytest.mark.parametrize("execution", [None, "P", "somebody-elses"])
def test_unknown_with_a_dead_token_gets_a_tracker_of_its_own(
    execution: str | None,
    code: str,
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
) -> None:
    answering(gateway, signer, P=UNKNOWN)
    aws.fail("SendTaskSuccess", code)
    aws.executions["somebody-elses"] = Execution("RUNNING", {"payment": message("another")})
    named = {} if execution is None else {"execution": execution}
    assert function(late(tracked(message("P"), **named))) == []
    assert [given["payment"]["paymentRequestId"] for given in aws.started.values()] == ["P"]


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
@pytest.mark.parametrize("body", [UNKNOWN, FAIL])
def test_dead_token_of_a_tracker_that_goes_on_or_has_done_its_work_leaves_nothing_to_do(
    body: bytes, status: str, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=body)
    for action in ("SendTaskSuccess", "SendTaskFailure"):
        aws.fail(action, "TaskTimedOut")
    aws.executions["P"] = Execution(status, {"payment": message("P")})
    assert function(late(tracked(message("P"), execution="P"))) == []
    assert (aws.started, aws.dead_letters) == ({}, [])


@pytest.mark.parametrize(
    ("body", "closing", "reason"),
    [
        (FAIL, False, "cancelPayment failed with PROCESS_FAIL"),
        (UNKNOWN, True, "the closing call gave no answer that proves anything"),
    ],
)
def test_failure_or_closing_call_with_a_dead_token_leaves_a_copy_that_can_be_redriven(
    body: bytes,
    closing: bool,
    reason: str,
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
) -> None:
    answering(gateway, signer, P=body)
    for action in ("SendTaskSuccess", "SendTaskFailure"):
        aws.fail(action, "InvalidToken")
    sent = late(tracked(message("P"), closing=closing))
    assert function(sent) == []
    ((copy, attributes),) = aws.dead_letters
    assert (copy, aws.started) == (sent["body"], {})
    assert attributes["rejectReason"].startswith(reason)
    assert attributes["furtherAction"]


def test_refund_with_a_dead_token_leaves_nothing_to_do_but_its_event(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=REFUND)
    aws.fail("SendTaskSuccess", "InvalidToken")
    assert function(late(tracked(message("P")))) == []
    assert aws.actions == ["GetSecretValue", "PutEvents", "SendTaskSuccess"]


def test_status_of_a_tracker_that_cannot_be_found_yet_fails_the_record(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answering(gateway, signer, P=UNKNOWN)
    aws.replies["StartExecution"] = error("ExecutionAlreadyExists")
    sent = late(message("P"))
    assert function(sent) == [sent["messageId"]]
