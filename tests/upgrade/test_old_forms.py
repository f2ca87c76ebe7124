"""What earlier versions have written is still understood, in every form that was ever deployed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cancel_payment import request
from cancel_payment.payment import CancelRequest

from tests.conftest import ROOT
from tests.statemachine.definition import State
from tests.statemachine.reference import Reference

FORMS = Path(__file__).parent / "forms"
NOW = datetime(2026, 11, 22, 15, 57, tzinfo=UTC)
SCHEMA = json.loads((ROOT / "events" / "payment-timeout.schema.json").read_text("utf-8"))


def forms(pattern: str) -> list[Any]:
    found = [json.loads(path.read_text("utf-8")) for path in sorted(FORMS.glob(pattern))]
    assert found, pattern
    return [one for several in found for one in several]


def read(body: dict[str, Any], receives: int = 1) -> CancelRequest:
    """What the function of today makes of a message."""
    moment = str(int(NOW.timestamp() * 1000))
    answer = request.read(
        {
            "messageId": "m",
            "receiptHandle": "r",
            "body": json.dumps(body),
            "attributes": {
                "ApproximateReceiveCount": str(receives),
                "ApproximateFirstReceiveTimestamp": moment,
            },
        }
    )
    assert isinstance(answer, CancelRequest), answer
    return answer


@pytest.mark.parametrize("body", forms("*message-*.json"))
def test_every_old_message_keeps_the_schema_of_today(body: dict[str, Any]) -> None:
    jsonschema.validate(body, SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("body", forms("message-*.json"))
def test_an_old_message_is_a_request_of_today(body: dict[str, Any]) -> None:
    understood = read(body, receives=3)
    ids = {name: body[name] for name in ("paymentRequestId", "paymentId") if body.get(name)}
    assert understood.payment.parameters == ids
    assert (understood.attempt, understood.tracked) == (3, False)
    assert understood.cutoff_at.isoformat() == "2026-11-23T00:15:00+08:00"


@pytest.mark.parametrize("body", forms("tracked-message-*.json"))
def test_an_old_message_of_a_tracker_is_a_tracked_request_of_today(body: dict[str, Any]) -> None:
    understood = read(body)
    assert understood.task_token == body["tracking"]["taskToken"]
    assert understood.attempt == body["tracking"]["attempts"] + 1
    assert understood.first_attempt_at == datetime.fromisoformat(body["tracking"]["firstAttemptAt"])


@pytest.mark.parametrize("old", forms("tracker-input-*.json"))
def test_an_old_tracker_input_gives_a_request_of_today(
    reference: Reference, states: dict[str, State], old: dict[str, Any]
) -> None:
    arguments = reference.fill(
        states["RequestAttempt"]["Arguments"],
        NOW,
        input=old,
        context={"Task": {"Token": "token"}},
    )
    body = json.loads(arguments["MessageBody"])
    jsonschema.validate(body, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert read(body).attempt == old["attempts"] + 1


@pytest.mark.parametrize("old", forms("tracker-input-*.json"))
@pytest.mark.parametrize("output", forms("task-output-*.json"))
def test_an_old_answer_to_a_waiting_tracker_leads_where_it_led(
    reference: Reference, states: dict[str, State], old: dict[str, Any], output: dict[str, Any]
) -> None:
    merged = reference.fill(states["RequestAttempt"]["Output"], NOW, input=old, result=output)
    context = {"Execution": {"StartTime": "2026-11-22T15:56:08.120Z"}}
    next_state = next(
        (
            rule["Next"]
            for rule in states["Decide"]["Choices"]
            if reference.fill(rule["Condition"], NOW, input=merged, context=context) is True
        ),
        states["Decide"]["Default"],
    )
    closed = output.get("nextAttemptAt") == old["cutoffAt"]
    expected = "ReportUnresolved" if closed else "WaitForNextAttempt"
    assert next_state == (expected if output["disposition"] == "RETRY" else "Resolved")


@pytest.mark.parametrize("old", forms("tracker-input-*.json"))
def test_an_old_tracker_can_still_report_its_payment_unresolved(
    reference: Reference, states: dict[str, State], old: dict[str, Any]
) -> None:
    arguments = reference.fill(states["ReportUnresolved"]["Arguments"], NOW, input=old, context={})
    [entry] = arguments["Entries"]
    schema = json.loads((ROOT / "events" / "outcome.schema.json").read_text("utf-8"))
    jsonschema.validate(entry["Detail"], schema)
