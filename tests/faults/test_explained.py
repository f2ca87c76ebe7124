"""What an injected fault may bring back: every message that it hit, one payment's repeats each."""

from __future__ import annotations

import json
import os

from tests.faults.aws_proxy import _payments
from tests.faults.workers import Workers


def test_each_message_of_a_batch_may_come_back() -> None:
    workers, pid = Workers(), os.getpid()
    for payment in ("A", "A", "B"):
        workers.note(pid, payment)
    workers.explain(pid)
    assert workers.explained == {"A": 2, "B": 1}


def test_only_the_last_ten_requests_are_of_the_batch_in_hand() -> None:
    workers, pid = Workers(), os.getpid()
    for number in range(11):
        workers.note(pid, f"P{number}")
    workers.explain(pid)
    assert workers.explained == {f"P{number}": 1 for number in range(1, 11)}


def test_what_was_handed_over_unasked_may_come_back_too() -> None:
    workers, pid = Workers(), os.getpid()
    workers.note(pid, "A")
    workers.name(pid, ["A", "B"])
    workers.explain(pid)
    assert workers.explained == {"A": 1, "B": 1}


def test_a_refused_publication_names_a_payment_as_often_as_it_publishes_it() -> None:
    entries = [{"Detail": json.dumps({"paymentRequestId": name})} for name in ("A", "B", "A")]
    assert _payments("PutEvents", _body({"Entries": entries})) == ["A", "B", "A"]


def test_a_body_that_cannot_be_read_names_nobody() -> None:
    assert _payments("SendMessage", _body({"MessageBody": "not JSON"})) == []


def _body(call: dict[str, object]) -> bytes:
    return json.dumps(call).encode()
