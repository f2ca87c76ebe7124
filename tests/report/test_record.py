"""The record of a run: what an attempt counts as, the shape, and what must not be in it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from sandbox.report.page import as_json
from sandbox.run import __main__ as command
from sandbox.run.attempt import Kind, attempts
from sandbox.run.progress import Progress
from sandbox.run.record import record
from sandbox.run.tracker_steps import steps
from tests.report.seen import (
    BEGAN,
    STEP,
    cancelled,
    case,
    dead_letter,
    no_answer,
    note,
    run,
    send,
    tracker,
)

# Whose names are those of others.
FREE = {"detail", "headers", "data", "attributes", "outcomes"}
SHAPE = {
    *("version", "beganAt", "endedAt", "seconds", "asItShould", "gatewayTimeoutSeconds"),
    *("counts.payments", "counts.attempts", "counts.asItShould", "counts.outcomes", "strangers"),
    *(f"payments.{one}" for one in ("id", "shows", "outcome", "reason", "carriedBy", "faults")),
    *(f"payments.event.{one}" for one in ("detailType", "detail")),
    *(f"payments.expected.{one}" for one in ("outcome", "attempts", "resultCode")),
    *(f"payments.expected.{one}" for one in ("tracker", "error", "deadLetter")),
    *(f"payments.attempts.{one}" for one in ("number", "beganAt", "endedAt", "second", "kind")),
    *(f"payments.attempts.{one}" for one in ("endSecond", "words", "scenario", "answer")),
    *(f"payments.attempts.request.{one}" for one in ("method", "path", "headers", "body")),
    *(f"payments.attempts.response.{one}" for one in ("status", "headers", "body")),
    *(f"payments.attempts.function.{one}" for one in ("evidence", "next")),
    *(f"payments.trackers.{one}" for one in ("name", "status", "error", "cause", "startedAt")),
    *(f"payments.trackers.steps.{one}" for one in ("at", "until", "state", "data")),
    *("payments.trackers.stoppedAt", "payments.outcomes", "payments.refunds"),
    *("payments.operatorCases", "payments.deadLetters.body", "payments.deadLetters.attributes"),
}
ALL_KINDS = {
    "A": (case("A"), cancelled()),
    "B": (case("B"), Progress(sends=[no_answer(1), send(15, took=None)])),
    "C": (
        case("C", "DEAD_LETTER", sends=0, dead_letter=True),
        Progress(dead_letters=[dead_letter()]),
    ),
    "D": (
        case("D", tracker="SUCCEEDED"),
        Progress(sends=[send(1)], trackers=[tracker(steps=[STEP])]),
    ),
}


def names(value: object, path: str = "") -> set[str]:
    """The names at which something stands, each with those above it."""
    if path.rpartition(".")[2] not in FREE:
        if isinstance(value, list):
            return set().union(*(names(one, path) for one in value)) or {path}
        if isinstance(value, dict):
            found = (names(one, f"{path}.{name}".lstrip(".")) for name, one in value.items())
            return set().union(*found)
    return {path}


def test_the_record_has_the_shape_of_its_version():
    document = json.loads(as_json(record(run(ALL_KINDS))))
    found = names(document)
    assert {one for one in found if not any(two.startswith(f"{one}.") for two in found)} == SHAPE
    assert document["version"] == "2"
    outcomes = {"CANCELLED": 1, "OPEN": 2, "DEAD_LETTER": 1}
    numbers = {"payments": 4, "attempts": 4, "asItShould": 2}
    assert document["counts"] == numbers | {"outcomes": outcomes}
    first = document["payments"][0]["attempts"][0]
    assert (first["second"], first["endSecond"]) == (1.0, 1.02)
    assert document["payments"][1]["attempts"][0]["response"] is None


@pytest.mark.parametrize(
    ("seen", "good"),
    [
        ({"A": (case("A"), cancelled())}, True),
        ({"A": (case("A"), Progress())}, False),
        ({"A": (case("A"), cancelled()), "X": (None, cancelled())}, False),
        ({"X": (None, cancelled())}, None),
        ({}, None),
    ],
)
def test_a_run_is_good_only_if_every_payment_is_and_nobody_else_was_seen(seen, good):
    assert record(run(seen))["asItShould"] is good


def test_the_record_holds_no_whole_signature_and_no_agent_token_even_if_the_log_did():
    whole = "algorithm=RSA256,keyVersion=1,signature=" + "Zm9yZ2Vk" * 40
    headers = {"Signature": whole, "Agent-Token": "sesame", "client-id": "SANDBOX_1"}
    entry = send(1, requestHeaders=headers, responseHeaders=headers)
    text = as_json(record(run({"A": (case("A"), Progress(sends=[entry]))})))
    assert "sesame" not in text and "Zm9yZ2Vk" * 3 not in text
    assert "signature=Zm9yZ2VkZm9y" in text and "SANDBOX_1" in text


@pytest.mark.parametrize("good", [True, False])
def test_with_json_only_the_record_is_on_stdout_and_the_status_is_the_verdict(
    monkeypatch, capsys, tmp_path, good
):
    made = run({"A": (case("A"), cancelled() if good else Progress())})
    monkeypatch.setattr(command, "raise_on_signals", lambda: None)
    monkeypatch.setattr(command, "STACKS", tmp_path)
    monkeypatch.setattr(command, "_run_once", lambda name, console, **_: console.print("x") or made)
    monkeypatch.setattr("sys.argv", ["run", "--json"])
    code = command.main()
    out, err = capsys.readouterr()
    assert json.loads(out) == json.loads(as_json(record(made)))
    assert (err[0], code) == ("x", 0 if good else 1)


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        (send(1), Kind.SUCCESS),
        (send(1, "F", "CANCEL_WINDOW_EXCEED"), Kind.REFUND),
        (send(1, "F", "PROCESS_FAIL"), Kind.FAILURE),
        (send(1, "U", "UNKNOWN_EXCEPTION"), Kind.UNKNOWN),
        (send(1, answer="forged"), Kind.UNPROVEN),
        (no_answer(1), Kind.NO_ANSWER),
        (send(1, answer="incomplete"), Kind.NO_ANSWER),
        (send(1, took=None), Kind.OPEN),
    ],
)
def test_an_attempt_counts_as(entry, kind):
    assert attempts(Progress(sends=[entry]))[0].kind is kind


def test_the_functions_lines_belong_to_the_requests_in_their_order_and_decide_what_is_proven():
    notes = [
        note(4, "RE_QUEUE", evidence="unproven"),
        note(2, "RE_QUEUE"),
        note(3, "TRACKER", evidence="not sent"),
    ]
    made = attempts(Progress(sends=[send(1), send(9), send(17)], notes=notes))
    assert [one.kind for one in made] == [Kind.SUCCESS, Kind.UNPROVEN, Kind.SUCCESS]
    assert [one.note and one.note["attempt"] for one in made] == [2, 4, None]


def test_a_history_becomes_one_step_for_each_visit_to_a_state():
    def entered(second: int, kind: str, name: str, **fields: object) -> dict[str, object]:
        details = {"name": name, "input": json.dumps(fields)}
        return event(second, f"{kind}StateEntered", stateEnteredEventDetails=details)

    def event(second: int, kind: str, **details: object) -> dict[str, object]:
        return {"timestamp": BEGAN + timedelta(seconds=second), "type": kind, **details}

    output = '{"disposition":"RETRY","nextAttemptAt":"T2"}'
    history = [
        event(0, "ExecutionStarted", executionStartedEventDetails={"input": '{"attempts":1}'}),
        entered(1, "Wait", "WaitForNextAttempt", nextAttemptAt="T1", attempts=1),
        event(3, "WaitStateExited"),
        entered(3, "Task", "RequestAttempt", nextAttemptAt="T1"),
        event(4, "TaskSucceeded", taskSucceededEventDetails={"output": output}),
        event(4, "TaskStateExited"),
        entered(4, "Fail", "Unresolved"),
        event(4, "ExecutionFailed", executionFailedEventDetails={"error": "Unresolved"}),
    ]
    found = steps(history)
    assert [(one["state"], one["data"]) for one in found] == [
        ("WaitForNextAttempt", {"nextAttemptAt": "T1"}),
        ("RequestAttempt", {"disposition": "RETRY", "nextAttemptAt": "T2"}),
        ("Unresolved", {"error": "Unresolved"}),
    ]
    assert (found[0]["at"][-7:], found[0]["until"][-7:]) == ("01.000Z", "03.000Z")
