"""An effect that fails never loses the payment: its record, and only it, comes back; in time."""

from __future__ import annotations

import time

import pytest

from tests.integration.conftest import Environment
from tests.support.aws import AwsDouble, Parameters, Reply, failed_entries
from tests.support.function import Function
from tests.support.gateway import Gateway
from tests.support.records import Record, ago, message, record, tracked
from tests.support.signer import UNKNOWN, Signer, by_payment, result

FAIL = result("F", "PROCESS_FAIL")


def failures(function: Function) -> dict[str, str]:
    """The effects that failed, by payment, and why."""
    return {
        line["paymentRequestId"]: line["reason"]
        for line in function.logs
        if line["message"] == "an effect failed, the message comes back"
    }


def ids(*records: Record) -> list[str]:
    return [one["messageId"] for one in records]


def test_entry_that_was_not_taken_fails_its_record_and_nothing_follows_from_it(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, {"F": FAIL})
    aws.replies["PutEvents"] = failed_entries(0, 1)
    sent = [
        record(message("F")),
        record(tracked(message("T"), "token-T")),
        record(tracked(message("taken"), "token-taken")),
        record(message("S")),
    ]
    assert function(*sent) == ids(*sent[:2])
    assert [token for token, _ in aws.task_outputs] == ["token-taken"]
    assert aws.dead_letters == []
    assert failures(function) == dict.fromkeys("FT", "outcome not published: InternalFailure")
    assert sum(function.metrics["EffectsFailed"]) == 2
    (changed,) = aws.visibility
    assert changed.keys() == {one["receiptHandle"] for one in sent[:2]}


@pytest.mark.parametrize(
    ("status", "code"), [(400, "AccessDeniedException"), (500, "InternalFailure")]
)
def test_bus_that_refuses_or_is_down_fails_every_resolved_record(
    status: int,
    code: str,
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
) -> None:
    gateway.answer = by_payment(signer, {"U": UNKNOWN})
    aws.fail("PutEvents", code, status)
    sent = [record(message("U"), 12, ago(seconds=61)), *[record(message(f"{n}")) for n in range(3)]]
    assert function(*sent) == ids(*sent[1:])
    assert set(failures(function).values()) == {f"outcome not published: {code}"}
    assert list(aws.started) == ["U"]


def test_bus_that_is_down_once_is_tried_again_within_the_invocation(
    function: Function, aws: AwsDouble
) -> None:
    answers = iter([(500, {"__type": "InternalFailure"})])

    def reply(parameters: Parameters) -> Reply:
        return next(answers, None) or failed_entries()(parameters)

    aws.replies["PutEvents"] = reply
    assert function(record(message("P"))) == []
    assert len(aws.of("PutEvents")) == 2


@pytest.mark.parametrize(
    ("action", "body", "fields"),
    [
        ("SendMessage", FAIL, message("P")),
        ("SendTaskSuccess", b"", tracked(message("P"))),
        ("SendTaskFailure", FAIL, tracked(message("P"))),
        ("SendTaskSuccess", UNKNOWN, tracked(message("P"))),
        ("StartExecution", result("U", "REQUEST_TRAFFIC_EXCEED_LIMIT"), message("P")),
        ("SendMessage", b"", {"paymentRequestId": "P"}),
    ],
    ids=["copy", "success", "failure", "retry", "hand-over", "rejected"],
)
def test_effect_that_is_refused_fails_its_record_alone(
    action: str,
    body: bytes,
    fields: dict[str, object],
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
) -> None:
    gateway.answer = by_payment(signer, {"P": body})
    aws.fail(action, "AccessDeniedException")
    sent, other = record(fields), record(message("other"))
    assert function(sent, other) == ids(sent)
    assert failures(function) == {"P": "AccessDeniedException"}
    (changed,) = aws.visibility
    assert changed.keys() == {sent["receiptHandle"]}
    assert sum(function.metrics["EffectsFailed"]) == 1


def test_status_of_a_tracker_that_cannot_be_read_fails_the_record(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, {"P": UNKNOWN})
    aws.fail("StartExecution", "ExecutionAlreadyExists")
    aws.fail("DescribeExecution", "AccessDeniedException")
    sent = record(message("P"), 12, ago(seconds=61))
    assert function(sent) == ids(sent)


def test_unknown_payments_are_re_queued_before_anything_that_may_take_long(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, dict.fromkeys("UV", UNKNOWN))
    aws.delay("PutEvents", 1)
    aws.fail("SendTaskSuccess", "ThrottlingException")
    sent = [record(message(one)) for one in "UV"] + [record(message("S"))]
    sent.append(record(tracked(message("T"))))
    assert function(*sent) == ids(sent[0], sent[1], sent[3])
    assert aws.actions[:3] == ["GetSecretValue", "ChangeMessageVisibilityBatch", "PutEvents"]
    first, last = aws.visibility
    assert first.keys() == {one["receiptHandle"] for one in sent[:2]}
    assert last.keys() == {sent[3]["receiptHandle"]}
    assert all(5 <= one <= 10 for one in [*first.values(), *last.values()])


@pytest.mark.parametrize("entry", [False, True])
def test_visibility_that_cannot_be_changed_loses_nothing_and_is_no_failed_effect(
    entry: bool, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, dict.fromkeys("UV", UNKNOWN))
    if entry:
        failed = {"Id": "1", "Code": "ReceiptHandleIsInvalid", "SenderFault": True}
        aws.replies["ChangeMessageVisibilityBatch"] = lambda _: (200, {"Failed": [failed]})
    else:
        aws.fail("ChangeMessageVisibilityBatch", "ReceiptHandleIsInvalid")
    sent = [record(message("U")), record(message("V"))]
    assert function(*sent) == ids(*sent)
    assert sum(function.metrics["EffectsFailed"]) == 0
    warned = {
        line["paymentRequestId"]
        for line in function.logs
        if line.get("reason") == "ReceiptHandleIsInvalid"
    }
    assert warned == ({"V"} if entry else {"U", "V"})


def test_effects_of_different_records_do_not_wait_for_each_other(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    names = [f"P-{number}" for number in range(10)]
    gateway.answer = by_payment(signer, dict.fromkeys(names, UNKNOWN))
    aws.delay("StartExecution", 0.5)
    assert function(*[record(message(name), 12, ago(seconds=61)) for name in names]) == []
    assert set(aws.started) == set(names)
    assert function.seconds < 4


def test_service_that_hangs_holds_nobody_up_and_what_did_not_fit_is_not_done_later(
    fresh: Environment, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    """Ten seconds of an invocation of which the calls have taken next to nothing."""
    bodies = {"F": FAIL, "U": UNKNOWN, "H": UNKNOWN, "T": UNKNOWN}
    gateway.answer = by_payment(signer, bodies)
    hanging = ["PutEvents", "StartExecution", "SendTaskSuccess", "SendMessage"]
    for action in [*hanging, "ChangeMessageVisibilityBatch"]:
        aws.delay(action, 12)
    sent = [
        record(message("S")),
        record(message("F")),
        record(message("H"), 12, ago(seconds=61)),
        record(tracked(message("T"))),
        record("not JSON"),
        record(message("U")),
    ]
    with fresh(gateway.url, GATEWAY_TIMEOUT_SECONDS="1") as function:
        assert function(*sent, seconds=10) == ids(*sent)
        assert function.seconds < 10
        assert sum(function.metrics["EffectsFailed"]) == 5
        returned = time.time()
        time.sleep(6)  # the client's own repeats would have come by now
    assert [call.action for call in aws.calls if call.at > returned] == []


def test_one_hanging_service_delays_no_effect_of_another(
    fresh: Environment, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, {"H": UNKNOWN})
    aws.delay("StartExecution", 12)
    sent = [record(message("H"), 12, ago(seconds=61)), record(tracked(message("S")))]
    with fresh(gateway.url, GATEWAY_TIMEOUT_SECONDS="1") as function:
        assert function(*sent, seconds=9.5) == ids(sent[0])
    assert [token for token, _ in aws.task_outputs] == ["token-1"]
    assert failures(function) == {"H": "not done in time"}
