"""The cost document says what the table of prices and the decision code say."""

from __future__ import annotations

from benchmarks.cost import DOCUMENT, document, schedule


def test_document_is_what_the_script_produces() -> None:
    assert DOCUMENT.read_text() == document(), "run: make cost"


def test_payment_that_resolves_in_the_first_minute_costs_no_transition() -> None:
    attempts, rounds = schedule(50)
    assert rounds == 0
    assert attempts <= 11
