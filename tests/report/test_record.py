"""The record of a run: its shape, and what must not be in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.report.page import as_json
from sandbox.run import __main__ as command
from sandbox.run.progress import Progress
from sandbox.run.record import record
from sandbox.run.tracker_steps import steps
from tests.report.seen import cancelled, case, dead_letter, no_answer, note, run, send, tracker

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
STEP = {"at": "2026-11-24T02:00:02.000Z", "until": None, "state": "Decide", "data": {}}
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
    if isinstance(value, list) and path.rpartition(".")[2] not in FREE:
        return set().union(*(names(one, path) for one in value)) or {path}
    if isinstance(value, dict) and path.rpartition(".")[2] not in FREE:
        found = (names(one, f"{path}.{name}".lstrip(".")) for name, one in value.items())
        return set().union(*found)
    return {path}


def test_the_record_has_the_shape_of_its_version():
    document = json.loads(as_json(record(run(ALL_KINDS))))
    found = names(document)
    assert {one for one in found if not any(two.startswith(f"{one}.") for two in found)} == SHAPE
    assert document["version"] == "2"
    assert [one["outcome"] for one in document["payments"]] == [
        "CANCELLED",
        "OPEN",
        "DEAD_LETTER",
        "OPEN",
    ]
    assert document["counts"] == {
        "payments": 4,
        "attempts": 4,
        "asItShould": 2,
        "outcomes": {"CANCELLED": 1, "OPEN": 2, "DEAD_LETTER": 1},
    }
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


def test_of_the_functions_log_line_only_what_it_says_of_the_attempt_is_kept():
    line = note(1, "CANCELLED", location="x", message="cancel attempted")
    seen = {"A": (case("A"), Progress(sends=[send(1)], notes=[line]))}
    [attempt] = record(run(seen))["payments"][0]["attempts"]
    assert attempt["function"] == {"evidence": "signed", "next": "CANCELLED"}


@pytest.mark.parametrize("good", [True, False])
def test_with_json_only_the_record_is_on_stdout(monkeypatch, capsys, tmp_path, good):
    made = run({"A": (case("A"), cancelled() if good else Progress())})
    monkeypatch.setattr(command, "raise_on_signals", lambda: None)
    monkeypatch.setattr(command, "STACKS", tmp_path)
    monkeypatch.setattr(command, "_run_once", lambda name, console, **_: console.print("x") or made)
    monkeypatch.setattr("sys.argv", ["run", "--json"])
    code = command.main()
    out, err = capsys.readouterr()
    assert json.loads(out) == json.loads(as_json(record(made)))
    assert err.startswith("x")
    assert code == (0 if good else 1)


def test_a_history_becomes_one_step_for_each_visit_to_a_state():
    began = datetime(2026, 11, 24, 2, tzinfo=UTC)

    def event(second: float, kind: str, **details: object) -> dict[str, object]:
        return {"timestamp": began + timedelta(seconds=second), "type": kind, **details}

    def entered(name: str, **fields: object) -> dict[str, object]:
        return {"stateEnteredEventDetails": {"name": name, "input": json.dumps(fields)}}

    history = [
        event(0, "ExecutionStarted", executionStartedEventDetails={"input": '{"attempts":1}'}),
        event(
            1, "WaitStateEntered", **entered("WaitForNextAttempt", nextAttemptAt="T1", attempts=1)
        ),
        event(3, "WaitStateExited"),
        event(3, "TaskStateEntered", **entered("RequestAttempt", nextAttemptAt="T1")),
        event(
            4,
            "TaskSucceeded",
            taskSucceededEventDetails={"output": '{"disposition":"RETRY","nextAttemptAt":"T2"}'},
        ),
        event(4, "TaskStateExited"),
        event(4, "FailStateEntered", **entered("Unresolved")),
        event(4, "ExecutionFailed", executionFailedEventDetails={"error": "Unresolved"}),
    ]
    found = steps(history)
    assert [(one["state"], one["data"]) for one in found] == [
        ("WaitForNextAttempt", {"nextAttemptAt": "T1"}),
        ("RequestAttempt", {"disposition": "RETRY", "nextAttemptAt": "T2"}),
        ("Unresolved", {"error": "Unresolved"}),
    ]
    assert (found[0]["at"][-7:], found[0]["until"][-7:], found[2]["until"]) == (
        "01.000Z",
        "03.000Z",
        None,
    )
