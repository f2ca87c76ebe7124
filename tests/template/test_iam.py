"""Each IAM action is one that is called, and each call has its action."""

from __future__ import annotations

import pytest

from tests.integration.conftest import Environment
from tests.support.aws import AwsDouble, Execution
from tests.support.function import QUEUE, SETTINGS
from tests.support.gateway import Gateway, Request, Step
from tests.support.records import ago, message, record, tracked
from tests.support.signer import Signer, result, success
from tests.template import calls, roles
from tests.template.deployed import FUNCTION, Deployed
from tests.template.references import only

SIGNING_KEY = "arn:aws:kms:ap-southeast-1:123456789012:key/5b0c77e1-1111-4222-8333-444455556666"
MACHINE = SETTINGS["TRACKER_STATE_MACHINE_ARN"]
# What a call is made on, by the setting that names it.
ON = {value: name for name, value in SETTINGS.items()} | {
    QUEUE: "PAYMENT_TIMEOUTS_QUEUE_URL",
    SIGNING_KEY: "ALIPAY_SIGNING_KEY_ARN",
    "taskToken": "TRACKER_STATE_MACHINE_ARN",
}


@pytest.fixture
def recorder(
    aws: AwsDouble,
    fresh: Environment,
    gateway: Gateway,
    signer: Signer,
    monkeypatch: pytest.MonkeyPatch,
) -> calls.Recorder:
    """One run through every way that ends in a call of AWS."""

    def answer(request: Request) -> list[Step]:
        status, _, code = request.payment.partition("-")
        bodies = {"F": result("F", code), "U": result("U", "UNKNOWN_EXCEPTION")}
        return [signer.answer(bodies.get(status, success(request.payment)))]

    gateway.answer = answer
    recorder = calls.record(monkeypatch)
    aws.executions["U-running"] = Execution("RUNNING", {"payment": message("U-running")})
    with fresh(gateway.url) as function:
        function(
            record(message("S-1")),
            record(message("F-PROCESS_FAIL")),
            record("malformed"),
            record(message("U-1")),
            record(message("U-2"), 12, ago(seconds=90)),
            record(message("U-running"), 12, ago(seconds=90)),
            record(tracked(message("S-2"))),
            record(tracked(message("U-3"))),
            record(tracked(message("F-PROCESS_FAIL"))),
        )
    with fresh(gateway.url, ALIPAY_SIGNING_KEY_ARN=SIGNING_KEY) as function:
        # The call is made; that nobody answers it here makes an unknown.
        function(record(message("S-3")))
    return recorder


def called(recorder: calls.Recorder, template: Deployed) -> roles.Grants:
    """The calls, on what the template calls what they were made on."""
    variables = template.properties(FUNCTION)["Environment"]["Variables"]
    execution = MACHINE.replace(":stateMachine:", ":execution:")
    return {
        (action, only(variables[ON[MACHINE if on.startswith(execution) else on]]))
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
