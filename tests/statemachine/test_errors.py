"""Each error that AWS documents for the two calls, and what comes of it: never silence.

An execution that ends under a name with a full stop becomes a case for the operators: the rule in
``template.yaml`` takes every failure named ``*.*``.
"""

from __future__ import annotations

from typing import Final

import botocore.session
import hypothesis
import hypothesis.strategies as st
import pytest

from tests.statemachine.conftest import Machines, Tracked
from tests.statemachine.run import Answer
from tests.statemachine.worlds import PUBLISHED, always, answers, fails, returns

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
SEND: Final = {
    "SQS.InvalidAddressException": AGAIN,
    "SQS.InvalidMessageContentsException": AGAIN,
    "SQS.InvalidSecurityException": AGAIN,
    "SQS.KmsAccessDeniedException": AGAIN,
    "SQS.KmsDisabledException": AGAIN,
    "SQS.KmsInvalidKeyUsageException": AGAIN,
    "SQS.KmsInvalidStateException": AGAIN,
    "SQS.KmsNotFoundException": AGAIN,
    "SQS.KmsOptInRequiredException": AGAIN,
    "SQS.KmsThrottledException": AGAIN,
    "SQS.QueueDoesNotExistException": AGAIN,
    "SQS.RequestThrottledException": AGAIN,
    "SQS.UnsupportedOperationException": AGAIN,
    # What the service model does not name, by either version of the SDK behind the integration.
    "SQS.SqsException": AGAIN,
    "SQS.AmazonSQSException": AGAIN,
    "SQS.SdkClientException": AGAIN,
    "SQS.NotDocumentedException": CASE,
} | {error: of_send for error, (of_send, _) in STATES.items()}
REPORT: Final = {
    "EventBridge.InternalException": UNTIL_IT_WORKS,
    "EventBridge.FailedEntry": UNTIL_IT_WORKS,  # the integration's: FailedEntryCount is not 0
    "EventBridge.EventBridgeException": UNTIL_IT_WORKS,
    "EventBridge.SdkClientException": UNTIL_IT_WORKS,
    "EventBridge.NotDocumentedException": UNTIL_IT_WORKS,
} | {error: of_report for error, (_, of_report) in STATES.items()}


@pytest.mark.parametrize(
    ("service", "operation", "prefix", "table"),
    [("sqs", "SendMessage", "SQS", SEND), ("events", "PutEvents", "EventBridge", REPORT)],
)
def test_the_table_has_every_error_of_the_service_model(
    service: str, operation: str, prefix: str, table: dict[str, str]
) -> None:
    model = botocore.session.get_session().get_service_model(service)
    shapes = [shape.name for shape in model.operation_model(operation).error_shapes]
    assert shapes
    # Step Functions has the names of the Java SDK.
    names = {f"{prefix}.{name.removesuffix('Exception')}Exception" for name in shapes}
    assert names <= table.keys()


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


@hypothesis.given(code=st.from_regex(r"\A[A-Za-z0-9_-]+\Z"))
@hypothesis.example("PROCESS_FAIL")
@hypothesis.example("States_Timeout")
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_a_result_code_of_the_function_is_neither_retried_nor_caught(
    machine: Machines, tracked: Tracked, code: str
) -> None:
    for at, attempts in ((tracked()["nextAttemptAt"], 1), (tracked()["cutoffAt"], 1)):
        run = machine()(tracked(nextAttemptAt=at), always(Answer(error=code)))
        assert (run.status, run.error, len(run.sends)) == ("FAILED", code, attempts)
