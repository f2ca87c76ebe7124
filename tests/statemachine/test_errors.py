"""Each error that AWS documents for the two calls, and what comes of it: never silence.

An execution that ends under a name with a full stop becomes a case for the operators: the rule in
``template.yaml`` takes every failure named ``*.*``.
"""

from __future__ import annotations

from typing import Final

import botocore.session
import pytest

from tests.statemachine.conftest import Machines, Tracked
from tests.statemachine.definition import State
from tests.statemachine.run import PUBLISHED, Answer, always, answers, fails, returns

AGAIN: Final = "tried again; in the end one more unknown"
UNKNOWN: Final = "one more unknown at once"
CASE: Final = "ends the execution under its own name"
UNTIL_IT_WORKS: Final = "tried again up to 14 times, then ends the execution under its own name"

# docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html. States.ALL and
# States.TaskFailed stand for others; those of Map, Parallel, JSONPath and HTTP cannot occur here.
STATES: Final = {
    # error: of the send, of the report
    "States.Timeout": (UNKNOWN, UNTIL_IT_WORKS),
    "States.Permissions": (AGAIN, UNTIL_IT_WORKS),
    "States.HeartbeatTimeout": (CASE, UNTIL_IT_WORKS),
    "States.QueryEvaluationError": (CASE, UNTIL_IT_WORKS),
    "States.DataLimitExceeded": (CASE, CASE),
    "States.Runtime": (CASE, CASE),
}


def of_the_model(service: str, operation: str, prefix: str) -> list[str]:
    """The errors of the service's own model, by the names of the Java SDK, as Step Functions has
    them."""
    model = botocore.session.get_session().get_service_model(service)
    shapes = model.operation_model(operation).error_shapes
    return [f"{prefix}.{one.name.removesuffix('Exception')}Exception" for one in shapes]


# What the model does not name, by either version of the SDK behind the integration.
UNNAMED: Final = ("SQS.SqsException", "SQS.AmazonSQSException", "SQS.SdkClientException")
SEND: Final = {
    **dict.fromkeys([*of_the_model("sqs", "SendMessage", "SQS"), *UNNAMED], AGAIN),
    "SQS.NotDocumentedException": CASE,
    **{error: of_send for error, (of_send, _) in STATES.items()},
}
REPORT: Final = {
    **dict.fromkeys(of_the_model("events", "PutEvents", "EventBridge"), UNTIL_IT_WORKS),
    "EventBridge.FailedEntry": UNTIL_IT_WORKS,  # the integration's: FailedEntryCount is not 0
    "EventBridge.NotDocumentedException": UNTIL_IT_WORKS,
    **{error: of_report for error, (_, of_report) in STATES.items()},
}


@pytest.mark.parametrize("error", SEND)
def test_an_error_of_the_send(machine: Machines, tracked: Tracked, error: str) -> None:
    once = machine()(tracked(), answers(fails(error), returns("CANCELLED")))
    for_ever = machine()(tracked(), always(fails(error)))
    if SEND[error] == CASE:
        assert (once.status, once.error, len(once.sends)) == ("FAILED", error, 1)
        assert "." in error
        return
    rounds = 1 if SEND[error] == AGAIN else 2
    assert once.status == "SUCCEEDED"
    assert once.entered.count("RequestAttempt") == rounds
    assert for_ever.entered[-2:] == ["ReportUnresolved", "Unresolved"]
    tries = 9 if SEND[error] == AGAIN else 1
    assert len(for_ever.sends) == tries * for_ever.entered.count("RequestAttempt")


@pytest.mark.parametrize("error", REPORT)
def test_an_error_of_the_report(machine: Machines, tracked: Tracked, error: str) -> None:
    closed = tracked(nextAttemptAt=tracked()["cutoffAt"])
    run = machine()(closed, always(None, report=fails(error)))
    assert (run.status, run.error) == ("FAILED", error)
    assert "." in error
    assert len(run.reports) == (1 if REPORT[error] == CASE else 15)
    if REPORT[error] == UNTIL_IT_WORKS:
        reports = iter([fails(error)] * 14)
        run = machine()(closed, lambda c: next(reports, PUBLISHED) if "Report" in c.state else None)
        assert (run.error, len(run.reports)) == ("Unresolved", 15)


@pytest.mark.parametrize("at", ["nextAttemptAt", "cutoffAt"])
@pytest.mark.parametrize("code", ["PROCESS_FAIL", "States_Timeout"])
def test_a_result_code_of_the_function_is_neither_retried_nor_caught(
    machine: Machines, tracked: Tracked, states: dict[str, State], code: str, at: str
) -> None:
    state_input = tracked(nextAttemptAt=tracked()[at])
    run = machine()(state_input, always(Answer(error=code)))
    assert (run.status, run.error, len(run.sends)) == ("FAILED", code, 1)
    # Nor any other: it has no full stop, and names are compared whole.
    rules = [*states["RequestAttempt"]["Retry"], *states["RequestAttempt"]["Catch"]]
    named = {error for rule in rules for error in rule["ErrorEquals"]}
    assert all("." in error for error in named)
    assert not named & {"States.ALL", "States.TaskFailed"}
