"""RequestAttempt: what goes on the queue, and what comes of the function's answer.

The emulator's TestState applies neither Arguments nor Output of a JSONata task, so their values
come from the reference evaluator here, and from whole executions in `test_executions`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from tests.statemachine.definition import ROOT, State
from tests.statemachine.reference import Reference

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
TOKEN = "AQCEAAAAKgAAAAMAAAAAAAAAAexample=="
SCHEMA = json.loads((ROOT / "events" / "payment-timeout.schema.json").read_text("utf-8"))

type Tracked = Callable[..., dict[str, Any]]


@pytest.fixture
def message(
    reference: Reference, states: dict[str, State]
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The body of the message that the state puts on the queue."""

    def send(state_input: dict[str, Any]) -> dict[str, Any]:
        arguments = reference.fill(
            states["RequestAttempt"]["Arguments"],
            NOW,
            input=state_input,
            context={"Task": {"Token": TOKEN}},
        )
        assert arguments.keys() == {"QueueUrl", "MessageBody"}
        assert arguments["QueueUrl"] == "queue-url"
        body: dict[str, Any] = json.loads(arguments["MessageBody"])
        jsonschema.validate(body, SCHEMA)
        return body

    return send


@pytest.fixture
def output(
    reference: Reference, states: dict[str, State]
) -> Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]:
    """The output of the state, given its input and the function's answer."""

    def after(state_input: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = reference.fill(
            states["RequestAttempt"]["Output"], NOW, input=state_input, result=result
        )
        return found

    return after


def test_the_message_is_the_payment_and_its_tracking(
    message: Callable[..., dict[str, Any]], tracked: Tracked
) -> None:
    assert message(tracked()) == {
        "paymentRequestId": "20200101234567890000",
        "paymentId": "202001011234567890120188000000001",
        "paymentCreateTime": "2026-11-22T23:41:07+08:00",
        "tracking": {
            "taskToken": TOKEN,
            "attempts": 12,
            "firstAttemptAt": "2026-11-22T23:56:08.120+08:00",
        },
    }


@pytest.mark.parametrize("id_name", ["paymentRequestId", "paymentId"])
def test_the_same_parameters_go_out_on_every_attempt(
    message: Callable[..., dict[str, Any]], tracked: Tracked, id_name: str
) -> None:
    payment = {id_name: "a'\"{% 1 %}\\ 支付 🛒", "paymentCreateTime": "2026-11-22T23:41:07+08:00"}
    sent = message(tracked(payment=payment))
    assert {name: value for name, value in sent.items() if name != "tracking"} == payment


def test_the_attempts_of_the_last_answer_are_sent_on(
    message: Callable[..., dict[str, Any]], output: Callable[..., Any], tracked: Tracked
) -> None:
    answer = {"disposition": "RETRY", "attempts": 13, "nextAttemptAt": "2026-11-22T23:59:00+08:00"}
    assert message(output(tracked(), answer))["tracking"]["attempts"] == 13


def test_after_retry_the_next_round_has_the_new_moment_and_all_else_as_it_was(
    output: Callable[..., Any], tracked: Tracked
) -> None:
    before = tracked()
    answer = {
        "disposition": "RETRY",
        "attempts": 13,
        "nextAttemptAt": "2026-11-22T23:59:21.500+08:00",
        "resultCode": "UNKNOWN_EXCEPTION",
    }
    assert output(before, answer) == {**before, **answer}


@pytest.mark.parametrize("disposition", ["CANCELLED", "REFUND_REQUIRED"])
def test_after_a_final_answer_its_disposition_replaces_the_last_one(
    output: Callable[..., Any], tracked: Tracked, disposition: str
) -> None:
    before = tracked(disposition="RETRY", resultCode="UNKNOWN_EXCEPTION")
    answer = {"disposition": disposition, "attempts": 13, "resultCode": "SUCCESS"}
    assert output(before, answer) == {**before, **answer}


def test_an_answer_leads_back_to_decide(
    check_state: Callable[..., dict[str, Any]], tracked: Tracked
) -> None:
    answer = {"disposition": "RETRY", "attempts": 13, "nextAttemptAt": "2026-11-22T23:59:00+08:00"}
    found = check_state("RequestAttempt", tracked(), result=answer)
    assert (found["status"], found.get("nextState")) == ("SUCCEEDED", "Decide")
