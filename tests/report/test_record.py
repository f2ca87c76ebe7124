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
    cancelled,
    case,
    dead_letter,
    no_answer,
    note,
    run,
    send,
)


def test_payments_are_counted_by_outcome_and_their_times_are_seconds_of_the_run():
    seen = {
        "A": (case("A"), cancelled()),
        "B": (case("B"), Progress(sends=[no_answer(1), send(15, took=None)])),
        "C": (case("C", "DEAD_LETTER", sends=0), Progress(dead_letters=[dead_letter()])),
    }
    document = record(run(seen))
    outcomes = {"CANCELLED": 1, "OPEN": 1, "DEAD_LETTER": 1}
    assert document["counts"] == {
        **{"payments": 3, "attempts": 3, "asItShould": 1},
        "outcomes": outcomes,
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


def test_what_is_wrong_is_said_with_its_payment():
    seen = {
        "A": (case("A", "FAILED"), Progress(sends=[send(1), send(7)])),
        "X": (None, cancelled()),
    }
    wrong = run(seen).wrong
    assert {"A: outcomes none instead of FAILED", "A: 2 requests instead of 1"} < {*wrong}
    assert wrong[-1] == "X: seen, but never sent"


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
