"""Names of executions, executions that are there already, and tokens that are too late."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import pytest

from tests.handler.aws_double import AwsDouble, Execution
from tests.handler.conftest import MACHINE, Function
from tests.handler.records import Record, ago, message, record, tracked

type Unique = Callable[[str], str]


def _later(payment_request_id: str, **fields: str) -> Record:
    return record(message(payment_request_id, **fields), 12, ago(seconds=61))


def _of(payment_request_id: str, status: str) -> Execution:
    return Execution(status, {"payment": {"paymentRequestId": payment_request_id}})


def test_execution_is_named_after_the_payment_on_the_machine_of_the_settings(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("UNKNOWN")
    function(_later(name, paymentId=unique("Q")))
    (call,) = aws.of("StartExecution")
    assert (call["stateMachineArn"], call["name"]) == (MACHINE, name)


def test_second_event_of_a_payment_whose_tracker_runs_starts_none(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("UNKNOWN")
    aws.executions[name] = _of(name, "RUNNING")
    assert function(_later(name)) == []
    assert aws.started == {}
    assert aws.of("DescribeExecution")[0]["executionArn"] == (
        f"arn:aws:states:ap-southeast-1:123456789012:execution:cancel-until-cutoff:{name}"
    )


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"])
def test_payment_whose_tracker_has_ended_gets_the_next_name(
    function: Function, aws: AwsDouble, unique: Unique, status: str
) -> None:
    name = unique("UNKNOWN")
    aws.executions[name] = _of(name, status)
    assert function(_later(name)) == []
    assert list(aws.started) == [f"{name}-2"]


def test_third_tracker_of_a_payment_is_called_3(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("UNKNOWN")
    aws.executions |= {name: _of(name, "FAILED"), f"{name}-2": _of(name, "SUCCEEDED")}
    assert function(_later(name)) == []
    assert list(aws.started) == [f"{name}-3"]


def test_running_second_tracker_is_found_behind_the_ended_first(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("UNKNOWN")
    aws.executions |= {name: _of(name, "FAILED"), f"{name}-2": _of(name, "RUNNING")}
    assert function(_later(name)) == []
    assert aws.started == {}


def test_running_tracker_of_another_payment_with_the_same_name_does_not_count(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("UNKNOWN")
    aws.executions[name] = _of("another", "RUNNING")
    assert function(_later(name)) == []
    assert list(aws.started) == [f"{name}-2"]


@pytest.mark.parametrize(
    "unsafe", ["支付", "a.b", "a b", "a/b", "a:b", "a*?", "é", "💳", "<>", "a\u2028b"]
)
def test_id_that_no_execution_may_be_called_is_hashed(
    function: Function, aws: AwsDouble, unique: Unique, unsafe: str
) -> None:
    name = f"{unique('UNKNOWN')}{unsafe}"
    function(_later(name))
    ((started, given),) = aws.started.items()
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", started)
    assert given["payment"]["paymentRequestId"] == name
    assert started == hashlib.sha256(name.encode()).hexdigest()


def test_hashed_name_is_the_same_every_time_and_counts_on(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = f"{unique('UNKNOWN')}/1"
    function(_later(name))
    (first,) = aws.started
    aws.executions[first].status = "FAILED"
    function(_later(name))
    assert list(aws.started) == [first, f"{first}-2"]
    assert len(f"{first}-2") <= 80


def test_longest_id_still_gives_a_name_that_is_short_enough(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("UNKNOWN").ljust(64, "x")
    aws.executions[name] = _of(name, "FAILED")
    function(_later(name))
    assert all(len(one) <= 80 for one in aws.started)


@pytest.mark.parametrize("action", ["StartExecution", "DescribeExecution"])
def test_tracker_that_cannot_be_started_leaves_the_message_on_the_queue(
    function: Function, aws: AwsDouble, unique: Unique, action: str
) -> None:
    name = unique("UNKNOWN")
    aws.executions[name] = _of(name, "RUNNING")
    aws.fail(action, "AccessDeniedException")
    sent = _later(name)
    assert function(sent) == [sent["messageId"]]


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
@pytest.mark.parametrize("scenario", ["SUCCEEDS", "FAILS-PROCESS_FAIL", "UNKNOWN"])
def test_token_that_is_no_longer_valid_is_dropped(
    function: Function, aws: AwsDouble, unique: Unique, scenario: str, code: str
) -> None:
    aws.fail("SendTaskSuccess", code)
    aws.fail("SendTaskFailure", code)
    assert function(record(tracked(message(unique(scenario))))) == []


@pytest.mark.parametrize("scenario", ["SUCCEEDS", "FAILS-PROCESS_FAIL", "UNKNOWN"])
def test_any_other_error_of_telling_the_tracker_leaves_the_message_on_the_queue(
    function: Function, aws: AwsDouble, unique: Unique, scenario: str
) -> None:
    aws.fail("SendTaskSuccess", "AccessDeniedException")
    aws.fail("SendTaskFailure", "AccessDeniedException")
    sent = record(tracked(message(unique(scenario))))
    assert function(sent) == [sent["messageId"]]


def test_one_tracker_that_cannot_be_told_does_not_stop_the_others(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    def refuse_first(parameters: dict[str, str]) -> tuple[int, dict[str, str]]:
        refused = parameters["taskToken"] == "token-1"
        return (400, {"__type": "AccessDeniedException"}) if refused else (200, {})

    aws.replies["SendTaskSuccess"] = refuse_first
    sent = [record(tracked(message(unique("SUCCEEDS")), f"token-{n}")) for n in (1, 2, 3)]
    assert function(*sent) == [sent[0]["messageId"]]
    assert [token for token, _ in aws.told] == ["token-1", "token-2", "token-3"]
