"""Side by side, by one deadline, and never past the cutoff by a wait of our own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from tests.integration.conftest import Environment
from tests.support.aws import AwsDouble
from tests.support.function import Function
from tests.support.gateway import Gateway
from tests.support.records import Record, message, record, tracked
from tests.support.signer import Signer, success

CREATED = "2026-11-22T12:00:00+08:00"
CUTOFF = datetime.fromisoformat("2026-11-23T00:15:00+08:00")


def before_the_cutoff(**more: object) -> Record:
    payment = message("P", paymentCreateTime=CREATED)
    first = CUTOFF - timedelta(minutes=5)
    return record(tracked(payment, "token-1", first_attempt_at=first, **more))


@pytest.mark.parametrize("count", [10, 120])
def test_batch_takes_about_one_round_trip(
    count: int, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = lambda request: [0.3, signer.answer(success(request.payment))]
    names = [f"P-{number}" for number in range(count)]
    function(record(message("warm")))
    assert function(*[record(message(name)) for name in names]) == []
    assert {detail["paymentRequestId"] for _, detail in aws.outcomes} == {"warm", *names}
    assert sorted(gateway.asked) == sorted(["warm", *names])
    assert function.seconds < count * 0.25
    assert all(len(call["Entries"]) <= 10 for call in aws.of("PutEvents"))
    assert len(aws.of("PutEvents")) == 1 + count // 10


@pytest.mark.parametrize(("seconds", "sent"), [(15.9, False), (16.8, True)])
def test_no_attempt_starts_without_time_for_it_and_the_effects(
    seconds: float, sent: bool, function: Function, gateway: Gateway
) -> None:
    """A call of 8 s at most, and 8 s for what follows from it."""
    function(record(message("warm")))
    function.forget()
    one = record(message("P"))
    assert function(one, seconds=seconds) == ([] if sent else [one["messageId"]])
    assert gateway.asked == ["warm", "P"][: 1 + sent]
    if not sent:
        (line,) = [line for line in function.logs if line["message"] == "cancel not sent"]
        assert line["reason"] == "too little of the invocation's time is left"
        assert sum(function.metrics["Attempts"]) == 0


def test_time_that_the_secret_takes_is_time_of_the_invocation(
    function: Function, gateway: Gateway, aws: AwsDouble
) -> None:
    aws.delay("GetSecretValue", 0.6)
    one = record(message("P"))
    assert function(one, seconds=16.5) == [one["messageId"]]
    assert gateway.asked == []


@pytest.mark.parametrize(
    ("closing", "asked"), [(False, []), (True, ["P"])], ids=["tracked", "closing"]
)
def test_cutoff_that_falls_into_the_signature_by_kms_stops_a_tracked_call_alone(
    closing: bool,
    asked: list[str],
    fresh: Environment,
    gateway: Gateway,
    aws: AwsDouble,
    ours_in_kms: dict[str, str],
) -> None:
    aws.delay("Sign", 0.9)
    with (
        fresh(gateway.url, **ours_in_kms) as function,
        time_machine.travel(CUTOFF - timedelta(seconds=0.6)),
    ):
        function(before_the_cutoff(closing=closing))
    assert len(aws.of("Sign")) == 1
    assert gateway.asked == asked
