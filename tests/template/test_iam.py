"""Each IAM action is one that is called, and each call has its action."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.handler.aws_double import AwsDouble, Execution
from tests.handler.conftest import BUS, DLQ, MACHINE, QUEUE, SECRET_ARN, Function
from tests.handler.records import ago, message, record, tracked
from tests.template import calls, roles
from tests.template.deployed import FUNCTION, Deployed
from tests.template.references import only

SETTINGS = {
    QUEUE: "PAYMENT_TIMEOUTS_QUEUE_URL",
    DLQ: "PAYMENT_TIMEOUTS_DLQ_URL",
    SECRET_ARN: "ALIPAY_CREDENTIALS_SECRET_ARN",
    BUS: "OUTCOME_BUS_NAME",
    MACHINE: "TRACKER_STATE_MACHINE_ARN",
    "taskToken": "TRACKER_STATE_MACHINE_ARN",
}


@pytest.fixture
def recorder(
    aws: AwsDouble,
    function: Function,
    unique: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> calls.Recorder:
    """One run through every way that ends in a call of AWS."""
    recorder = calls.record(monkeypatch)
    running = unique("UNKNOWN")
    aws.executions[running] = Execution("RUNNING", {"payment": {"paymentRequestId": running}})
    function(
        record(message(unique("SUCCEEDS"))),
        record(message(unique("FAILS-PROCESS_FAIL"))),
        record("malformed"),
        record(message(unique("UNKNOWN"))),
        record(message(unique("UNKNOWN")), 12, ago(seconds=90)),
        record(message(running), 12, ago(seconds=90)),
        record(tracked(message(unique("SUCCEEDS")))),
        record(tracked(message(unique("UNKNOWN")))),
        record(tracked(message(unique("FAILS-PROCESS_FAIL")))),
    )
    return recorder


def called(recorder: calls.Recorder, template: Deployed) -> roles.Grants:
    """The calls, on what the template calls what they were made on."""
    variables = template.properties(FUNCTION)["Environment"]["Variables"]
    execution = MACHINE.replace(":stateMachine:", ":execution:")
    return {
        (action, only(variables[SETTINGS[MACHINE if on.startswith(execution) else on]]))
        for action, on in recorder.made
    }


def test_the_run_makes_every_call_that_the_code_holds(recorder: calls.Recorder) -> None:
    assert recorder.operations == calls.in_source()


def test_the_function_may_do_what_it_calls_and_nothing_else(
    recorder: calls.Recorder, template: Deployed
) -> None:
    assert roles.function_may_do_what_it_calls(template, called(recorder, template)) == []


@pytest.mark.parametrize(
    ("sid", "change", "finding"),
    [
        ("RejectRequests", {"Action": "sqs:*"}, "may sqs:* on PaymentTimeoutsDeadLetterQueue"),
        ("RejectRequests", {"Resource": "*"}, "may sqs:SendMessage on *"),
        (
            "TakeRequestsAndPutThemBack",
            {"Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]},
            "calls sqs:ChangeMessageVisibility on PaymentTimeoutsQueue, which it may not",
        ),
        (
            "LookWhetherATrackerRuns",
            {"Action": ["states:DescribeExecution", "states:StopExecution"]},
            "may states:StopExecution on CancelUntilCutoffStateMachine, which it never calls",
        ),
        (
            "PublishOutcomes",
            {"Resource": {"Fn::Sub": "arn:aws:events:::event-bus/${PaymentEventBusName}"}},
            "calls events:PutEvents on OutcomeBusName, which it may not",
        ),
    ],
)
def test_an_action_too_many_or_too_few_is_found(
    recorder: calls.Recorder,
    template: Deployed,
    sid: str,
    change: dict[str, object],
    finding: str,
) -> None:
    seeded = template.copied()
    document = seeded.properties("CancelPaymentRole")["Policies"][0]["PolicyDocument"]
    [statement] = [one for one in document["Statement"] if one.get("Sid") == sid]
    statement.update(change)
    found = roles.function_may_do_what_it_calls(seeded, called(recorder, template))
    assert any(finding in one for one in found), found
