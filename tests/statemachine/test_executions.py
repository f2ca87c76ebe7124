"""Whole executions: the states together, first with mocked answers, then with a real queue and bus.

Waits and backoffs take no time here; the schedule itself is tested elsewhere.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from cancel_payment import request
from cancel_payment.payment import CancelRequest

from sandbox.cloud import Cloud
from tests.statemachine.definition import ROOT
from tests.statemachine.executions import Executions, returns, throws

ROUND = ["Decide", "WaitForNextAttempt", "RequestAttempt"]
REPORTED = ["Decide", "ReportUnresolved", "Unresolved"]
SCHEMA = json.loads((ROOT / "events" / "outcome.schema.json").read_text("utf-8"))

type Tracked = Callable[..., dict[str, Any]]


def retry(attempts: int, at: str = "2099-01-01T23:59:00.000+08:00") -> dict[str, Any]:
    return {"disposition": "RETRY", "attempts": attempts, "nextAttemptAt": at}


@pytest.fixture
def open_window(tracked: Tracked) -> dict[str, Any]:
    """A payment whose window is open whenever this runs."""
    return tracked(cutoffAt="2099-01-02T00:15:00.000+08:00")


@pytest.fixture
def closed_window(tracked: Tracked) -> dict[str, Any]:
    """A payment as the function hands it over when no attempt is left."""
    cutoff = tracked()["cutoffAt"]
    return tracked(nextAttemptAt=cutoff, resultCode="UNKNOWN_EXCEPTION")


@pytest.mark.parametrize("disposition", ["CANCELLED", "REFUND_REQUIRED"])
def test_it_asks_until_there_is_a_final_answer_at_three_transitions_a_round(
    executions: Executions, open_window: dict[str, Any], disposition: str
) -> None:
    final = returns(disposition=disposition, attempts=15, resultCode="SUCCESS")
    answers = [returns(**retry(13)), returns(**retry(14)), final]
    ended = executions.mocked(open_window, RequestAttempt=answers)
    assert ended.entered == [*ROUND * 3, "Decide", "Resolved"]
    assert ended.status == "SUCCEEDED"
    assert ended.output["attempts"] == 15


def test_a_result_code_ends_it_under_that_code_after_one_attempt(
    executions: Executions, open_window: dict[str, Any]
) -> None:
    answers = [throws("PROCESS_FAIL", "Do not retry. Contact support.")]
    ended = executions.mocked(open_window, RequestAttempt=answers)
    assert (ended.status, ended.error) == ("FAILED", "PROCESS_FAIL")
    assert ended.cause == "Do not retry. Contact support."
    assert ended.entered == ROUND
    assert ended.count("TaskFailed") == 1


def test_a_token_that_times_out_is_one_more_unknown(
    executions: Executions, open_window: dict[str, Any]
) -> None:
    answers = [throws("States.Timeout"), returns(disposition="CANCELLED", attempts=13)]
    started = datetime.now(UTC)
    ended = executions.mocked(open_window, RequestAttempt=answers)
    assert ended.entered == [*ROUND * 2, "Decide", "Resolved"]
    _, after, _ = ended.inputs_of("Decide")
    delay = datetime.fromisoformat(after["nextAttemptAt"]) - started
    assert timedelta(seconds=60) <= delay <= timedelta(seconds=75)
    assert after["payment"] == open_window["payment"]


def test_a_token_that_times_out_after_the_last_moment_is_reported(
    executions: Executions, tracked: Tracked
) -> None:
    closing = tracked(
        cutoffAt=(datetime.now(UTC) + timedelta(seconds=20)).isoformat(),
        nextAttemptAt=datetime.now(UTC).isoformat(),
    )
    sent = [returns(FailedEntryCount=0)]
    ended = executions.mocked(
        closing, RequestAttempt=[throws("States.Timeout")], ReportUnresolved=sent
    )
    assert ended.entered == [*ROUND, *REPORTED]
    assert (ended.status, ended.error) == ("FAILED", "Unresolved")


def test_a_send_that_keeps_failing_is_retried_and_then_caught(
    executions: Executions, open_window: dict[str, Any]
) -> None:
    final = returns(disposition="CANCELLED", attempts=13)
    answers = [throws("SQS.AmazonSQSException"), final]
    ended = executions.mocked(open_window, RequestAttempt=answers)
    assert ended.count("TaskFailed") == 1 + 6
    assert ended.entered == [*ROUND * 2, "Decide", "Resolved"]


def test_a_report_that_never_goes_out_fails_under_its_own_error(
    executions: Executions, closed_window: dict[str, Any]
) -> None:
    answers = [throws("EventBridge.FailedEntry", "the bus is gone")]
    ended = executions.mocked(closed_window, ReportUnresolved=answers)
    assert (ended.status, ended.error) == ("FAILED", "EventBridge.FailedEntry")
    assert ended.count("TaskFailed") == 1 + 16
    assert ended.entered == ["Decide", "ReportUnresolved"]


@pytest.fixture
def receive(cloud: Cloud) -> Callable[[str], dict[str, Any]]:
    """The next message of a queue, taken off it."""
    client = cloud.client("sqs")

    def take(queue_url: str) -> dict[str, Any]:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            for message in client.receive_message(QueueUrl=queue_url).get("Messages", ()):
                client.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
                found: dict[str, Any] = message
                return found
            time.sleep(0.05)
        raise AssertionError("no message within ten seconds")

    return take


def test_the_function_reads_what_is_put_on_the_queue_and_its_answers_move_the_execution_on(
    cloud: Cloud,
    executions: Executions,
    open_window: dict[str, Any],
    queue_url: str,
    receive: Callable[[str], dict[str, Any]],
) -> None:
    client = cloud.client("stepfunctions")
    execution = executions.start(open_window)
    for attempts, answer in (
        (12, retry(13)),
        (13, {"disposition": "CANCELLED", "attempts": 14, "resultCode": "SUCCESS"}),
    ):
        read = request.read(as_record(receive(queue_url)))
        assert isinstance(read, CancelRequest)
        assert read.attempt == attempts + 1
        assert read.payment.parameters.items() <= open_window["payment"].items()
        client.send_task_success(taskToken=read.task_token, output=json.dumps(answer))
    ended = executions.ended(execution)
    assert ended.status == "SUCCEEDED"
    assert ended.entered == [*ROUND * 2, "Decide", "Resolved"]


def test_a_failure_reported_by_the_function_shows_as_the_executions_error(
    cloud: Cloud,
    executions: Executions,
    open_window: dict[str, Any],
    queue_url: str,
    receive: Callable[[str], dict[str, Any]],
) -> None:
    execution = executions.start(open_window)
    token = json.loads(receive(queue_url)["Body"])["tracking"]["taskToken"]
    cloud.client("stepfunctions").send_task_failure(
        taskToken=token, error="ACCESS_DENIED", cause="Contact support."
    )
    ended = executions.ended(execution)
    assert (ended.status, ended.error) == ("FAILED", "ACCESS_DENIED")
    assert ended.entered == ROUND


def test_the_unresolved_event_reaches_the_bus_and_keeps_its_contract(
    cloud: Cloud,
    executions: Executions,
    closed_window: dict[str, Any],
    bus_name: str,
    receive: Callable[[str], dict[str, Any]],
) -> None:
    outcomes = cloud.client("sqs").create_queue(QueueName=f"{bus_name}-copy")["QueueUrl"]
    events = cloud.client("events")
    pattern = {"source": ["alipayplus.cancelPayment"]}
    events.put_rule(Name="copy", EventBusName=bus_name, EventPattern=json.dumps(pattern))
    arn = f"arn:aws:sqs:us-east-1:000000000000:{bus_name}-copy"
    events.put_targets(Rule="copy", EventBusName=bus_name, Targets=[{"Id": "1", "Arn": arn}])

    ended = executions.ended(executions.start(closed_window))

    assert (ended.status, ended.error) == ("FAILED", "Unresolved")
    event = json.loads(receive(outcomes)["Body"])
    assert event["detail-type"] == "Payment Cancellation Unresolved"
    jsonschema.validate(event["detail"], SCHEMA)
    assert event["detail"]["resultCode"] == "UNKNOWN_EXCEPTION"


def as_record(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {
            "ApproximateReceiveCount": "1",
            "ApproximateFirstReceiveTimestamp": "1795363080000",
        },
    }
