"""What earlier versions have written is still understood, in every form that was ever deployed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
from cancel_payment import record
from cancel_payment.alipay.result import no_answer
from cancel_payment.effects.tracker import Tracker
from cancel_payment.model import Attempt, CancelRequest, Outcome, Resolve, Track

from tests.conftest import ROOT
from tests.statemachine import definition
from tests.statemachine.reference import Reference
from tests.statemachine.run import Answer, Run, answers
from tests.support import records

FORMS = Path(__file__).parent / "forms"
FIRST = datetime(2026, 11, 22, 15, 57, tzinfo=UTC)
CUTOFF = datetime(2026, 11, 22, 16, 15, tzinfo=UTC)
SCHEMA = json.loads((ROOT / "events" / "payment-timeout.schema.json").read_text("utf-8"))
DEFINITIONS = [FORMS / "definition-1.json", definition.FILE]


def forms(pattern: str) -> list[Any]:
    found = [json.loads(path.read_text("utf-8")) for path in sorted(FORMS.glob(pattern))]
    assert found, pattern
    return [one for several in found for one in several]


def read(body: dict[str, Any], receives: int = 1, first: datetime = FIRST) -> CancelRequest:
    """What the function of today makes of a message."""
    jsonschema.validate(body, SCHEMA, format_checker=jsonschema.FormatChecker())
    understood = record.read(records.record(body, receives, first))
    assert isinstance(understood, CancelRequest), understood
    assert understood.cutoff_at == CUTOFF
    ids = {name: body[name] for name in ("paymentRequestId", "paymentId") if body.get(name)}
    assert understood.payment.parameters == ids
    return understood


@pytest.mark.parametrize("body", forms("message-*.json"))
def test_a_message_is_a_request(body: dict[str, Any]) -> None:
    understood = read(body, receives=3)
    assert (understood.attempt, understood.tracking) == (3, None)


@pytest.mark.parametrize("body", forms("tracked-message-*.json"))
def test_a_message_of_a_tracker_is_a_tracked_request(body: dict[str, Any]) -> None:
    tracking, understood = body["tracking"], read(body)
    assert understood.tracking is not None
    assert understood.tracking.task_token == tracking["taskToken"]
    assert understood.tracking.execution == tracking.get("execution")
    assert understood.closing is tracking.get("closing", False)
    assert understood.attempt == tracking["attempts"] + 1
    assert understood.first_attempt_at == datetime.fromisoformat(tracking["firstAttemptAt"])


def run(file: Path, reference: Reference, data: dict[str, Any], *given: Answer) -> Run:
    payment = data["payment"]
    name = payment.get("paymentRequestId") or payment["paymentId"]
    return Run(definition.load(file=file), reference, data, answers(*given), name=name)


@pytest.mark.parametrize("file", DEFINITIONS, ids=["definition-1", "today"])
@pytest.mark.parametrize("data", forms("tracker-input-*.json"))
@pytest.mark.parametrize("output", forms("task-output-*.json"))
def test_every_definition_understands_every_input_and_every_answer(
    reference: Reference, file: Path, data: dict[str, Any], output: dict[str, Any]
) -> None:
    found = run(file, reference, data, Answer(output))
    requests = [read(call.message) for call in found.sends]
    handed_over_closed = datetime.fromisoformat(data["nextAttemptAt"]) == CUTOFF
    unknown = output["disposition"] == "RETRY"
    if file == definition.FILE:
        assert any(one.closing for one in requests) is (unknown or handed_over_closed)
    else:
        assert not any(one.closing for one in requests)
        unknown = unknown or handed_over_closed  # version 1 gives up at the cutoff
    if unknown:
        assert (found.status, found.error, len(found.reports)) == ("FAILED", "Unresolved", 1)
    else:
        assert (found.status, found.output["disposition"]) == ("SUCCEEDED", output["disposition"])
    assert [one.attempt for one in requests[:1]] in ([], [data["attempts"] + 1])


@pytest.mark.parametrize("file", DEFINITIONS, ids=["definition-1", "today"])
def test_every_definition_ends_under_the_code_that_the_function_reports(
    reference: Reference, file: Path
) -> None:
    found = run(file, reference, forms("tracker-input-1.json")[0], Answer(error="States_Timeout"))
    assert (found.status, found.error, len(found.sends)) == ("FAILED", "States_Timeout", 1)


def test_the_newest_forms_are_what_is_written_today(reference: Reference) -> None:
    """Or a form is missing here."""
    written: list[dict[str, Any]] = []

    def write(**arguments: Any) -> dict[str, str]:
        written.append(json.loads(arguments.get("input") or arguments["output"]))
        return {"executionArn": "arn"}

    stepfunctions = SimpleNamespace(start_execution=write, send_task_success=write)
    tracker = Tracker(SimpleNamespace(stepfunctions=stepfunctions), "arn")  # type: ignore[arg-type]
    inputs, outputs = forms("tracker-input-2.json"), forms("task-output-2.json")
    messages = forms("tracked-message-2.json")

    for form in inputs:
        first = datetime.fromisoformat(form["firstAttemptAt"])
        request = read(form["payment"], form["attempts"], first)
        tracker.start(attempt(request), track(form))
    for form in outputs:
        told = attempt(read(messages[0]), form.get("resultCode"))
        if form["disposition"] == "RETRY":
            tracker.tell_unknown(told, track(form))
        else:
            tracker.tell_resolved(told, Resolve(Outcome(form["disposition"]), "what to do"))

    assert written == inputs + outputs
    assert run(definition.FILE, reference, inputs[0]).sends[0].message == messages[0]
    closing = run(definition.FILE, reference, inputs[1]).sends[0].message
    assert closing.keys() == messages[1].keys()
    assert closing["tracking"].keys() == messages[1]["tracking"].keys()


def attempt(request: CancelRequest, code: str | None = None) -> Attempt:
    return Attempt(request, replace(no_answer("for the test"), code=code), FIRST)


def track(form: dict[str, Any]) -> Track:
    return Track(datetime.fromisoformat(form["nextAttemptAt"]))
