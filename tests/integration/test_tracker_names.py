"""Which tracker a payment gets, and what is left to do where nobody waits for a token."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import FAIL, REFUND, answering, late
from tests.support.aws import AwsDouble, Execution, error
from tests.support.function import Function
from tests.support.gateway import Gateway
from tests.support.records import message, tracked
from tests.support.signer import UNKNOWN, Signer

OURS = {"payment": {"paymentRequestId": "P"}}


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
