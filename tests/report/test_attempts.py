"""What an attempt counts as, from what the stand-in and the function say of it."""

from __future__ import annotations

import pytest

from sandbox.run.attempt import Kind, attempts
from sandbox.run.progress import Progress
from tests.report.seen import no_answer, note, send


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
    told = [attempt.note and attempt.note["next"] for attempt in attempts(seen)]
    assert told == ["RE_QUEUE", "CANCELLED", None]
