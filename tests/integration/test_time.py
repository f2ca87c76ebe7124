"""Side by side, by one deadline, and never past the cutoff by a wait of our own."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
import time_machine

from tests.integration.conftest import Environment
from tests.support.aws import AwsDouble
from tests.support.function import Function
from tests.support.gateway import Gateway, Request, Step
from tests.support.records import Record, message, record, tracked
from tests.support.signer import UNKNOWN, Signer, success

CREATED = "2026-11-22T12:00:00+08:00"
CUTOFF = datetime.fromisoformat("2026-11-23T00:15:00+08:00")


def before_the_cutoff(**more: object) -> Record:
    payment = message("P", paymentCreateTime=CREATED)
    first = CUTOFF - timedelta(minutes=5)
    return record(tracked(payment, "token-1", first_attempt_at=first, **more))


@pytest.mark.parametrize("count", [10, 100])
def test_batch_takes_about_one_round_trip(
    count: int, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = lambda request: [0.5, signer.answer(success(request.payment))]
    names = [f"P-{number}" for number in range(count)]
    function(record(message("warm")))
    assert function(*[record(message(name)) for name in names]) == []
    assert {detail["paymentRequestId"] for _, detail in aws.outcomes} == {"warm", *names}
    assert sorted(gateway.asked) == sorted(["warm", *names])
    assert function.seconds < count * 0.4
    assert all(len(call["Entries"]) <= 10 for call in aws.of("PutEvents"))
    assert len(aws.of("PutEvents")) == 1 + count // 10


def test_more_records_than_threads_are_all_cancelled(
    function: Function, gateway: Gateway, aws: AwsDouble
) -> None:
    names = [f"P-{number}" for number in range(120)]
    assert function(*[record(message(name)) for name in names]) == []
    assert {detail["paymentRequestId"] for _, detail in aws.outcomes} == set(names)
    assert sorted(gateway.asked) == sorted(names)


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
    aws.delay("GetSecretValue", 1)
    one = record(message("P"))
    assert function(one, seconds=16.7) == [one["messageId"]]
    assert gateway.asked == []


def test_secrets_manager_that_hangs_costs_the_attempts_and_nothing_else(
    function: Function, gateway: Gateway, aws: AwsDouble
) -> None:
    aws.delay("GetSecretValue", 11)
    sent = [record(message("P")), record("not JSON")]
    assert function(*sent) == [sent[0]["messageId"]]
    assert function.seconds < 14
    assert gateway.asked == []
    assert len(aws.dead_letters) == len(aws.visibility) == 1


def test_slow_answer_of_one_payment_delays_no_other_than_within_its_timeout(
    fresh: Environment, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    def reply(request: Request) -> list[Step]:
        whole = [signer.answer(success(request.payment))]
        return [5.0, *whole] if request.payment == "slow" else whole

    gateway.answer = reply
    slow = record(message("slow"))
    with fresh(gateway.url, GATEWAY_TIMEOUT_SECONDS="1") as function:
        assert function(slow, record(message("P"))) == [slow["messageId"]]
        assert 1 <= function.seconds < 4.5
    assert [detail["paymentRequestId"] for _, detail in aws.outcomes] == ["P"]


def test_delay_counts_from_the_end_of_the_attempt_however_slow_the_rest_of_the_batch_is(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    ended: list[float] = []

    def reply(request: Request) -> list[Step]:
        if request.payment == "slow":
            return [3.0, signer.answer(success("slow"))]
        ended.append(time.time())
        return [signer.answer(UNKNOWN)]

    gateway.answer = reply
    for _ in range(2):
        function(*[record(message(f"U-{number}")) for number in range(9)], record(message("slow")))
    delays = []
    changes = [one for one in aws.calls if one.action == "ChangeMessageVisibilityBatch"]
    for call, end in zip(changes, (max(ended[:9]), max(ended[9:])), strict=True):
        assert call.at - end > 2.5
        waits = [entry["VisibilityTimeout"] for entry in call.parameters["Entries"]]
        assert all(4.9 <= call.at + wait - end < 10 for wait in waits)
        delays += waits
    # Jittered message by message, so that a batch does not come back as one.
    assert len(set(delays)) > 1


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
    aws.delay("Sign", 1.5)
    with (
        fresh(gateway.url, **ours_in_kms) as function,
        time_machine.travel(CUTOFF - timedelta(seconds=0.9)),
    ):
        function(before_the_cutoff(closing=closing))
    assert len(aws.of("Sign")) == 1
    assert gateway.asked == asked


def test_cutoff_that_falls_into_the_connecting_stops_the_call_before_it_is_signed(
    fresh: Environment, aws: AwsDouble, ours_in_kms: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cancel_payment.alipay.transport import Transport

    opened = Transport.open

    def slow(*arguments: object) -> None:
        time.sleep(1.2)
        opened(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Transport, "open", slow)
    with Gateway(lambda _: []) as gateway, fresh(gateway.url, **ours_in_kms) as function:
        with time_machine.travel(CUTOFF - timedelta(seconds=0.9)):
            assert function(before_the_cutoff()) == []
        assert (aws.of("Sign"), gateway.asked) == ([], [])
    ((_, output),) = aws.task_outputs
    assert output["nextAttemptAt"] == "2026-11-22T16:15:00.000Z"


def test_attempt_until_the_last_moment_before_the_cutoff_is_made(
    function: Function, gateway: Gateway
) -> None:
    with time_machine.travel(CUTOFF - timedelta(seconds=2)):
        function(record(message("warm")))
        function(before_the_cutoff())
    assert gateway.asked == ["warm", "P"]
