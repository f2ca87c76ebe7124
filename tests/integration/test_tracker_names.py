"""Which tracker a payment gets, and what is left to do where nobody waits for a token."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import Lab, ids, late
from tests.support.aws import Execution, error
from tests.support.function import SETTINGS
from tests.support.records import message, tracked
from tests.support.signer import FAIL, REFUND, UNKNOWN

OURS = {"payment": {"paymentRequestId": "P"}}
# What a person may have started by hand under the payment's name.
BY_HAND: list[Any] = [{}, {"payment": None}, {"payment": []}, {"payment": {"paymentId": "P"}}, []]
TELLING = ("SendTaskSuccess", "SendTaskFailure")


@pytest.fixture
def lab(lab: Lab) -> Lab:
    """Every payment here is called P, and stays unknown unless a test says otherwise."""
    lab.answers(P=UNKNOWN)
    return lab


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
    there: list[tuple[str, Any]], started: list[str], lab: Lab
) -> None:
    for name, one in zip(["P", "P-2"], there, strict=False):
        lab.aws.executions[name] = Execution(*one)
    assert lab.function(late(message("P"))) == []
    assert list(lab.aws.started) == started


def test_payment_whose_twenty_trackers_have_ended_is_put_aside(lab: Lab) -> None:
    names = ["P", *(f"P-{number}" for number in range(2, 25))]
    lab.aws.executions |= {name: Execution("FAILED", OURS) for name in names}
    assert lab.function(late(message("P"))) == []
    assert [call["name"] for call in lab.aws.of("StartExecution")] == names[:20]
    ((_, attributes),) = lab.aws.dead_letters
    reason = "all 20 trackers that this payment may have had have ended"
    assert attributes["rejectReason"] == reason


@pytest.mark.parametrize("code", ["InvalidToken", "TaskTimedOut", "TaskDoesNotExist"])
@pytest.mark.parametrize("execution", [None, "P", "somebody-elses"])
def test_unknown_with_a_dead_token_gets_a_tracker_of_its_own(
    execution: str | None, code: str, lab: Lab
) -> None:
    lab.aws.fail("SendTaskSuccess", code)
    lab.aws.executions["somebody-elses"] = Execution("RUNNING", {"payment": message("another")})
    named = {} if execution is None else {"execution": execution}
    assert lab.function(late(tracked(message("P"), **named))) == []
    assert [given["payment"]["paymentRequestId"] for given in lab.aws.started.values()] == ["P"]
    arns = [call["executionArn"] for call in lab.aws.of("DescribeExecution")]
    machine = SETTINGS["TRACKER_STATE_MACHINE_ARN"].replace(":stateMachine:", ":execution:")
    assert arns == ([f"{machine}:P"] if execution == "P" else [])
    warned = lab.logged(message="token no longer valid, nobody waits for this attempt")
    told = [] if execution == "somebody-elses" else [("P", code)]
    assert [(one["paymentRequestId"], one["reason"]) for one in warned] == told


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
@pytest.mark.parametrize("body", [UNKNOWN, FAIL])
def test_dead_token_of_a_tracker_that_goes_on_or_has_done_its_work_leaves_nothing_to_do(
    body: bytes, status: str, lab: Lab
) -> None:
    lab.answers(P=body)
    for action in TELLING:
        lab.aws.fail(action, "TaskTimedOut")
    lab.aws.executions["P"] = Execution(status, {"payment": message("P")})
    assert lab.function(late(tracked(message("P"), execution="P"))) == []
    assert (lab.aws.started, lab.aws.dead_letters) == ({}, [])


@pytest.mark.parametrize(
    ("body", "closing", "reason"),
    [
        (FAIL, False, "cancelPayment failed with PROCESS_FAIL"),
        (UNKNOWN, True, "the closing call gave no answer that proves anything"),
        (REFUND, False, None),
    ],
)
def test_with_a_dead_token_a_failure_or_closing_call_leaves_a_copy_that_can_be_redriven(
    body: bytes, closing: bool, reason: str | None, lab: Lab
) -> None:
    """A refund leaves nothing to do but its event."""
    lab.answers(P=body)
    for action in TELLING:
        lab.aws.fail(action, "InvalidToken")
    sent = late(tracked(message("P"), closing=closing))
    assert lab.function(sent) == []
    assert (lab.aws.started, len(lab.aws.outcomes)) == ({}, body != UNKNOWN)
    assert len(lab.aws.dead_letters) == (reason is not None)
    for copy, attributes in lab.aws.dead_letters:
        assert copy == sent["body"]
        assert attributes["rejectReason"].startswith(reason)
        assert attributes["furtherAction"]


def test_status_of_a_tracker_that_cannot_be_found_yet_fails_the_record(lab: Lab) -> None:
    lab.aws.replies["StartExecution"] = error("ExecutionAlreadyExists")
    sent = late(message("P"))
    assert lab.function(sent) == ids(sent)
