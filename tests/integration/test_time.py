"""Side by side, by one deadline, and never past the cutoff by a wait of our own."""

from __future__ import annotations

from datetime import datetime, timedelta

import time_machine

from tests.integration.conftest import CREATED, Environment, Lab, ids
from tests.support.aws import AwsDouble
from tests.support.gateway import Gateway
from tests.support.records import message, record, tracked
from tests.support.signer import success

CUTOFF = datetime.fromisoformat("2026-11-23T00:15:00+08:00")


def test_batch_takes_about_one_round_trip_or_two_where_it_has_more_than_a_hundred_records(
    lab: Lab,
) -> None:
    lab.gateway.answer = lambda request: [0.3, lab.signer.answer(success(request.payment))]
    names = [f"P-{number}" for number in range(120)]
    lab.function(record(message("warm")))
    assert lab.function(*[record(message(name)) for name in names]) == []
    assert {detail["paymentRequestId"] for _, detail in lab.aws.outcomes} == {"warm", *names}
    assert sorted(lab.gateway.asked) == sorted(["warm", *names])
    assert lab.function.seconds < 120 * 0.3 / 3
    assert [len(call["Entries"]) for call in lab.aws.of("PutEvents")] == [1, *[10] * 12]


def test_time_that_the_secret_takes_is_time_of_the_invocation(lab: Lab) -> None:
    """A call of 8 s at most, and 8 s for what follows from it: less, and nothing is sent."""
    lab.aws.delay("GetSecretValue", 0.6)
    one = record(message("P"))
    assert lab.function(one, seconds=16.5) == ids(one)
    assert lab.gateway.asked == []
    assert lab.function(one, seconds=16.8) == []


def test_cutoff_that_falls_into_the_signature_by_kms_stops_a_tracked_call_alone(
    fresh: Environment, gateway: Gateway, aws: AwsDouble, ours_in_kms: dict[str, str]
) -> None:
    aws.delay("Sign", 0.9)
    first = CUTOFF - timedelta(minutes=5)
    bodies = [
        tracked(message(name, paymentCreateTime=CREATED), first_attempt_at=first, closing=closing)
        for name, closing in (("tracked", False), ("closing", True))
    ]
    with (
        fresh(gateway.url, **ours_in_kms) as function,
        time_machine.travel(CUTOFF - timedelta(seconds=0.6)),
    ):
        function(*[record(one) for one in bodies])
    assert len(aws.of("Sign")) == 2
    assert gateway.asked == ["closing"]
