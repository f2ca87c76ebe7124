"""What broke version 1.0.0 behind the call: a payment that no effect was left for, or too many.

Judged by the calls at the AWS double; `kept` are the records that come back by the queue.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.support.aws import AwsDouble, Execution, error
from tests.support.function import Function
from tests.support.gateway import Gateway
from tests.support.records import Record, ago, message, record, tracked
from tests.support.signer import UNKNOWN, Signer, result


def answers(gateway: Gateway, signer: Signer, body: bytes) -> None:
    gateway.answer = lambda _: [signer.answer(body)]


def tracked_by(execution: str | None, payment: str = "P", **fields: Any) -> Record:
    """A request past its first minute; version 1 began its tracker if `execution` is None."""
    body = tracked(message(payment, **fields))
    if execution is not None:
        body["tracking"]["execution"] = execution
    return record(body, 12, ago(seconds=61))


QUEUE_TIMEOUT = 180
DEAD = ["InvalidToken", "TaskTimedOut", "TaskDoesNotExist"]


@pytest.mark.parametrize("code", DEAD)
@pytest.mark.parametrize("execution", [None, "P", "somebody-elses"])
def test_unknown_with_a_dead_token_gets_a_tracker_of_its_own(
    execution: str | None,
    code: str,
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
) -> None:
    answers(gateway, signer, UNKNOWN)
    aws.fail("SendTaskSuccess", code)
    aws.executions["somebody-elses"] = Execution("RUNNING", {"payment": message("another")})

    kept = function(tracked_by(execution))

    assert kept == []
    assert [given["payment"]["paymentRequestId"] for given in aws.started.values()] == ["P"]


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
def test_dead_token_of_a_tracker_that_goes_on_or_has_done_its_work_starts_none(
    status: str, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answers(gateway, signer, UNKNOWN)
    aws.fail("SendTaskSuccess", "TaskTimedOut")
    aws.executions["P"] = Execution(status, {"payment": message("P")})

    assert function(tracked_by("P")) == []
    assert aws.started == {}


def test_failure_with_a_dead_token_leaves_its_redrivable_copy(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answers(gateway, signer, result("F", "PROCESS_FAIL"))
    aws.fail("SendTaskFailure", "InvalidToken")
    sent = tracked_by(None)

    assert function(sent) == []
    assert [kind for kind, _ in aws.outcomes] == ["Payment Cancellation Failed"]
    (copy,) = aws.of("SendMessage")
    assert copy["MessageBody"] == sent["body"]
    assert copy["MessageAttributes"]["resultCode"]["StringValue"] == "PROCESS_FAIL"


def test_closing_call_without_proof_or_tracker_is_put_aside_instead_of_asking_for_ever(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    answers(gateway, signer, UNKNOWN)
    aws.fail("SendTaskSuccess", "InvalidToken")
    sent = tracked(message("P"))
    sent["tracking"]["closing"] = True

    assert function(record(sent)) == []
    assert gateway.asked == ["P"]
    assert aws.started == {}
    (put_aside,) = aws.of("SendMessage")
    assert put_aside["MessageAttributes"]["rejectReason"]["StringValue"]


def test_payment_whose_trackers_have_all_ended_costs_its_batch_nothing(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    """However many there were: the twentieth name is the last, then a person has to look."""
    answers(gateway, signer, UNKNOWN)
    aws.replies["StartExecution"] = error("ExecutionAlreadyExists")
    aws.replies["DescribeExecution"] = lambda parameters: (
        200,
        {"executionArn": parameters["executionArn"], "stateMachineArn": "arn", "startDate": 1}
        | {"status": "FAILED", "input": "{}"},
    )

    kept = function(record(message("P"), 12, ago(seconds=61)))

    assert kept == []
    asked = Counter(call["name"] for call in aws.of("StartExecution"))
    assert len(asked) <= 20
    (put_aside,) = aws.of("SendMessage")
    assert put_aside["MessageAttributes"]["rejectReason"]["StringValue"]
    assert function.seconds < 10


@pytest.mark.parametrize(
    ("receives", "soonest", "latest"),
    [(1, 5, 10), (2, 10, 20), (4, 40, 80), (20, QUEUE_TIMEOUT, QUEUE_TIMEOUT)],
)
def test_record_whose_effect_was_throttled_comes_back_soon_and_is_counted(
    receives: int,
    soonest: int,
    latest: int,
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
) -> None:
    """CANCELLED at 00:14:40 that its tracker never learned of would become UNRESOLVED."""
    aws.fail("SendTaskSuccess", "ThrottlingException")
    sent = record(tracked(message("P")), receives)

    assert function(sent) == [sent["messageId"]]
    assert [kind for kind, _ in aws.outcomes] == ["Payment Cancelled"]
    changed = [one for call in aws.of("ChangeMessageVisibilityBatch") for one in call["Entries"]]
    # One that is left alone comes back after the queue's own timeout.
    (delay,) = [one["VisibilityTimeout"] for one in changed] or [QUEUE_TIMEOUT]
    assert soonest <= delay <= latest
    assert sum(function.metrics["EffectsFailed"]) == 1
