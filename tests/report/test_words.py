"""What an attempt counts as, and what the view says a payment waits for, or how it ended."""

from __future__ import annotations

import pytest

from sandbox.run.attempt import Kind, attempts
from sandbox.run.progress import Progress
from sandbox.run.waiting import reason, state
from tests.report.seen import (
    TIMEOUT_SECONDS,
    at,
    dead_letter,
    no_answer,
    note,
    outcome,
    send,
    tracker,
)


@pytest.mark.parametrize(
    ("entry", "kind", "words"),
    [
        (send(1), Kind.SUCCESS, "S SUCCESS"),
        (send(1, "F", "CANCEL_WINDOW_EXCEED"), Kind.REFUND, "F CANCEL_WINDOW_EXCEED"),
        (send(1, "F", "PROCESS_FAIL"), Kind.FAILURE, "F PROCESS_FAIL"),
        (send(1, "U", "UNKNOWN_EXCEPTION"), Kind.UNKNOWN, "U UNKNOWN_EXCEPTION"),
        (send(1, answer="forged"), Kind.UNPROVEN, "forged: S SUCCESS, proves nothing"),
        (
            send(1, None, None, answer="unsigned"),
            Kind.UNPROVEN,
            "unsigned: no result, proves nothing",
        ),
        (no_answer(1), Kind.NO_ANSWER, "no answer"),
        (send(1, answer="incomplete"), Kind.NO_ANSWER, "no whole answer"),
        (send(1, took=None), Kind.OPEN, "waits for the gateway"),
    ],
)
def test_an_attempt_counts_as(entry, kind, words):
    [attempt] = attempts(Progress(sends=[entry]))
    assert (attempt.kind, attempt.words) == (kind, words)


def test_a_signed_answer_that_the_function_does_not_take_for_one_is_unproven():
    seen = Progress(sends=[send(1)], notes=[note(1, "RE_QUEUE", evidence="unproven")])
    assert attempts(seen)[0].kind is Kind.UNPROVEN


def test_the_functions_lines_belong_to_the_requests_in_their_order():
    notes = [
        note(4, "CANCELLED"),
        note(2, "RE_QUEUE"),
        note(3, "TRACKER", evidence="not sent"),
    ]
    seen = Progress(sends=[send(1, "U", "UNKNOWN_EXCEPTION"), send(9), send(17)], notes=notes)
    following = [attempt.note and attempt.note["next"] for attempt in attempts(seen)]
    assert following == ["RE_QUEUE", "CANCELLED", None]


# In words

UNKNOWN = send(1, "U", "UNKNOWN_EXCEPTION")


def words(now: float = 10, **seen: object) -> str:
    return state(Progress(**seen), at(now), TIMEOUT_SECONDS).words  # type: ignore[arg-type]


def tracked(where: str, **data: str) -> Progress:
    running = tracker("RUNNING", steps=[{"at": "", "until": None, "state": where, "data": data}])
    return Progress(sends=[UNKNOWN], trackers=[running])


def test_before_its_first_request_it_is_on_the_queue():
    assert words() == "on the queue"


def test_a_request_in_flight_waits_for_the_gateway():
    assert words(now=4.2, sends=[send(1, took=None)]) == "gateway has it, 3 of 8 s"


def test_an_answered_request_waits_for_its_batch():
    assert words(sends=[UNKNOWN]) == "answered, batch not done"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (5.5, "visible again in 4 s"),
        (8.9, "visible again in 1 s"),
        (9, "visible again, to be polled"),
    ],
)
def test_a_re_queued_message_becomes_visible_again(now, said):
    notes = [note(1, "RE_QUEUE", next_second=9)]
    assert words(now=now, sends=[UNKNOWN], notes=notes) == said


def test_a_payment_is_handed_to_its_tracker():
    assert words(sends=[UNKNOWN], notes=[note(1, "TRACKER")]) == "handed to the tracker"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("Decide", "tracker decides"),
        ("RequestAttempt", "tracker's request queued"),
        ("WaitForClosingCall", "window closed, asked once more"),
        ("ReportUnresolved", "window closed, to be reported"),
    ],
)
def test_a_tracker_is_at(where, said):
    assert state(tracked(where), at(10), TIMEOUT_SECONDS).words == said


def test_a_tracker_waits_to_ask_again():
    soon = tracked("WaitForNextAttempt", nextAttemptAt="2026-11-24T02:00:30Z")
    late = tracked("WaitForNextAttempt", nextAttemptAt="2026-11-24T02:15:00Z")
    assert state(soon, at(26), TIMEOUT_SECONDS).words == "tracker asks in 4 s"
    at_local = f"{at(900).astimezone():%H:%M:%S}"
    assert state(late, at(26), TIMEOUT_SECONDS).words == f"tracker asks at {at_local}"


def test_a_payment_in_flight_is_so_whoever_carries_it():
    seen = Progress(sends=[send(9, took=None)], trackers=tracked("RequestAttempt").trackers)
    assert state(seen, at(10), TIMEOUT_SECONDS).words == "gateway has it, 1 of 8 s"


@pytest.mark.parametrize(
    ("seen", "ends", "said", "why"),
    [
        ({"outcomes": [outcome("CANCELLED")]}, "CANCELLED", "cancelled", "S SUCCESS"),
        (
            {
                "outcomes": [outcome("FAILED", resultStatus="F", resultCode="PROCESS_FAIL")],
                "dead_letters": [dead_letter()],
            },
            "FAILED",
            "failed: PROCESS_FAIL + dead letter",
            "F PROCESS_FAIL",
        ),
        (
            {"outcomes": [outcome("UNRESOLVED")]},
            "UNRESOLVED",
            "unresolved",
            "no final answer before the window closed",
        ),
        (
            {"dead_letters": [dead_letter()]},
            "DEAD_LETTER",
            "dead letter: paymentCreateTime is missing",
            "paymentCreateTime is missing",
        ),
        ({"sends": [no_answer(1)]}, "OPEN", "answered, batch not done", ""),
    ],
)
def test_a_payment_ends(seen, ends, said, why):
    found = state(Progress(**seen), at(10), TIMEOUT_SECONDS)
    assert (found.outcome, found.words, reason(Progress(**seen))) == (ends, said, why)
