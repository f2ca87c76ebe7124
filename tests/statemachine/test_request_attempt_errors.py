"""RequestAttempt when it fails: an unanswered token is one more unknown, a result code an end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.statemachine.definition import State
from tests.statemachine.reference import Reference

CUTOFF = datetime(2026, 11, 22, 16, 15, tzinfo=UTC)
LAST = CUTOFF - timedelta(seconds=30)
MILLISECOND = timedelta(milliseconds=1)

type TestState = Callable[..., dict[str, Any]]
type Tracked = Callable[..., dict[str, Any]]


@pytest.fixture
def caught_at(
    reference: Reference, states: dict[str, State], tracked: Tracked
) -> Callable[[datetime], dict[str, Any]]:
    """The output of the catcher at a moment."""

    def catch(now: datetime) -> dict[str, Any]:
        [catcher] = states["RequestAttempt"]["Catch"]
        output: dict[str, Any] = reference.fill(
            catcher["Output"],
            now,
            input=tracked(resultCode="UNKNOWN_EXCEPTION"),
            errorOutput={"Error": "States.Timeout", "Cause": ""},
        )
        return output

    return catch


def next_attempt(output: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(output["nextAttemptAt"])


@pytest.mark.parametrize("before", [timedelta(hours=23), timedelta(seconds=90) + MILLISECOND])
def test_far_from_the_cutoff_the_next_attempt_is_in_60_seconds(
    caught_at: Callable[..., dict[str, Any]], before: timedelta
) -> None:
    now = CUTOFF - before
    assert next_attempt(caught_at(now)) == now + timedelta(seconds=60)


@pytest.mark.parametrize(
    "now", [CUTOFF - timedelta(seconds=90), CUTOFF - timedelta(seconds=60), LAST - MILLISECOND]
)
def test_within_90_seconds_of_the_cutoff_it_is_the_last_one_30_seconds_before_it(
    caught_at: Callable[..., dict[str, Any]], now: datetime
) -> None:
    assert next_attempt(caught_at(now)) == LAST


@pytest.mark.parametrize("now", [LAST, LAST + MILLISECOND, CUTOFF, CUTOFF + timedelta(hours=1)])
def test_after_the_last_moment_it_is_the_cutoff_itself_which_decide_reads_as_closed(
    caught_at: Callable[..., dict[str, Any]], check_state: TestState, now: datetime
) -> None:
    output = caught_at(now)
    assert output["nextAttemptAt"] == "2026-11-23T00:15:00.000+08:00"
    assert check_state("Decide", output)["nextState"] == "ReportUnresolved"


def test_all_else_goes_into_the_next_round_as_it_was(
    caught_at: Callable[..., dict[str, Any]], tracked: Tracked
) -> None:
    output = caught_at(CUTOFF - timedelta(hours=1))
    expected = tracked(disposition="RETRY", resultCode="UNKNOWN_EXCEPTION")
    assert {**output, "nextAttemptAt": expected["nextAttemptAt"]} == expected


@pytest.mark.parametrize("error", ["States.Timeout", "States.Permissions"])
def test_an_unanswered_token_is_caught(
    check_state: TestState, tracked: Tracked, error: str
) -> None:
    found = check_state("RequestAttempt", tracked(), error=error)
    assert (found["status"], found["nextState"]) == ("CAUGHT_ERROR", "Decide")


@pytest.mark.parametrize("error", ["PROCESS_FAIL", "ACCESS_DENIED", "KEY_NOT_FOUND", "MADE_UP"])
def test_a_result_code_ends_the_execution_under_that_code(
    check_state: TestState, tracked: Tracked, error: str
) -> None:
    found = check_state("RequestAttempt", tracked(), error=error)
    assert (found["status"], found["error"]) == ("FAILED", error)


@pytest.mark.parametrize("error", ["SQS.SdkClientException", "SQS.AmazonSQSException"])
@pytest.mark.parametrize(("used", "status"), [(0, "RETRIABLE"), (5, "RETRIABLE"), (6, "FAILED")])
def test_a_failed_send_is_retried_six_times(
    state_tester: Any,
    states: dict[str, State],
    tracked: Tracked,
    error: str,
    used: int,
    status: str,
) -> None:
    # The emulator looks at Catch before Retry, AWS the other way round: Retry on its own here.
    alone = {name: v for name, v in states["RequestAttempt"].items() if name != "Catch"}
    found = state_tester.test_state(
        definition=json.dumps({"QueryLanguage": "JSONata", "Next": "Decide", **alone}),
        input=json.dumps(tracked()),
        roleArn="arn:aws:iam::000000000000:role/tracker",
        mock={"errorOutput": {"error": error, "cause": "as mocked"}},
        stateConfiguration={"retrierRetryCount": used},
    )
    assert (found["status"], found["error"]) == (status, error)


@pytest.mark.parametrize("error", ["SQS.SdkClientException", "SQS.AmazonSQSException"])
def test_a_send_that_keeps_failing_is_one_more_unknown(
    check_state: TestState, tracked: Tracked, error: str
) -> None:
    found = check_state("RequestAttempt", tracked(), error=error)
    assert (found["status"], found["nextState"]) == ("CAUGHT_ERROR", "Decide")
