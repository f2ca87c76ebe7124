"""A flood of one payment's event: each copy costs one call, and the payment ends once."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import StandIn
from tests.handler.aws_double import AwsDouble
from tests.handler.conftest import Function
from tests.handler.records import ago, message, record

type Unique = Callable[[str], str]

BATCHES = 50


def test_five_hundred_copies_of_one_event_are_one_outcome_to_every_consumer(
    function: Function, aws: AwsDouble, stand_in: StandIn, unique: Unique
) -> None:
    payment = unique("SUCCEEDS")
    body = message(payment)
    for _ in range(BATCHES):
        assert function(*[record(body) for _ in range(10)]) == []
    assert len(stand_in.requests(payment)) == BATCHES * 10
    assert {detail["outcomeId"] for _, detail in aws.outcomes} == {
        f"CANCELLED:paymentRequestId:{payment}"
    }
    assert set(aws.actions) == {"GetSecretValue", "PutEvents"}


def test_flood_of_a_payment_that_stays_unknown_starts_one_tracker(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    payment = unique("THROTTLED")
    body = message(payment)
    for _ in range(BATCHES // 5):
        assert function(*[record(body) for _ in range(10)]) == []
    assert list(aws.started) == [payment]
    assert aws.outcomes == []


def test_flood_in_the_first_minute_stays_on_the_queue_and_sends_once_a_copy(
    function: Function, aws: AwsDouble, stand_in: StandIn, unique: Unique
) -> None:
    payment = unique("UNKNOWN")
    records = [record(message(payment), 3, ago(seconds=20)) for _ in range(10)]
    assert function(*records) == [one["messageId"] for one in records]
    assert len(stand_in.requests(payment)) == 10
    (change,) = aws.of("ChangeMessageVisibilityBatch")
    assert all(5 <= entry["VisibilityTimeout"] <= 10 for entry in change["Entries"])
