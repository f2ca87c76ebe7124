"""When a re-queued message may be seen again: whole seconds, never sooner than decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest
from cancel_payment.aws import Clients
from cancel_payment.model import Requeue
from cancel_payment.visibility import Visibility

from tests.unit.cases import FIRST, a_request, seconds


class Queue:
    """An SQS client that remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    @property
    def sqs(self) -> Queue:
        return self

    def change_message_visibility_batch(self, **parameters: Any) -> dict[str, Any]:
        self.calls.append(parameters)
        return {"Successful": [], "Failed": []}


def _requeue(*after: timedelta) -> list[dict[str, Any]]:
    queue = Queue()
    visibility = Visibility(cast(Clients, queue), "https://queue", lambda: FIRST)
    visibility.requeue([(a_request(), Requeue(FIRST + one)) for one in after])
    return queue.calls


@pytest.mark.parametrize(
    ("after", "whole"),
    [(5, 5), (5.001, 6), (6.999, 7), (7.5, 8), (0.2, 1), (0, 0), (-0.5, 0), (-30, 0)],
)
def test_delay_is_rounded_up_to_whole_seconds_and_never_negative(after: float, whole: int) -> None:
    (call,) = _requeue(seconds(after))
    assert call["Entries"][0]["VisibilityTimeout"] == whole


def test_one_call_serves_a_batch_of_ten() -> None:
    (call,) = _requeue(*[seconds(5)] * 10)
    assert len({entry["Id"] for entry in call["Entries"]}) == 10


def test_no_call_is_made_when_nothing_is_requeued() -> None:
    assert _requeue() == []
