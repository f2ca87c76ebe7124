"""An effect that fails never loses the payment: its record, and only it, comes back."""

from __future__ import annotations

from collections.abc import Callable

from tests.handler.aws_double import AwsDouble, failed_entries
from tests.handler.conftest import Function
from tests.handler.records import message, record, tracked

type Unique = Callable[[str], str]


def test_event_that_was_not_taken_makes_only_its_record_a_failure(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    aws.replies["PutEvents"] = failed_entries(1)
    sent = [record(message(unique("SUCCEEDS"))) for _ in range(3)]
    assert function(*sent) == [sent[1]["messageId"]]


def test_tracker_is_not_told_what_was_not_published(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    aws.replies["PutEvents"] = failed_entries(0, 2)
    sent = [
        record(tracked(message(unique("SUCCEEDS")), "token-1")),
        record(tracked(message(unique("SUCCEEDS")), "token-2")),
        record(tracked(message(unique("FAILS-PROCESS_FAIL")), "token-3")),
    ]
    assert function(*sent) == [sent[0]["messageId"], sent[2]["messageId"]]
    assert [token for token, _ in aws.told] == ["token-2"]
    assert aws.of("SendTaskFailure") == []


def test_failed_payment_is_not_put_aside_before_its_event_is_published(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    aws.replies["PutEvents"] = failed_entries(0)
    sent = record(message(unique("FAILS-PROCESS_FAIL")))
    assert function(sent) == [sent["messageId"]]
    assert aws.of("SendMessage") == []


def test_bus_that_refuses_makes_every_resolved_record_a_failure(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    aws.fail("PutEvents", "AccessDeniedException")
    sent = [record(message(unique("SUCCEEDS"))) for _ in range(2)]
    assert function(*sent) == [one["messageId"] for one in sent]


def test_bus_that_is_down_makes_every_resolved_record_a_failure(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    aws.fail("PutEvents", "InternalFailure", status=500)
    sent = record(message(unique("SUCCEEDS")))
    assert function(sent) == [sent["messageId"]]


def test_bus_that_is_down_once_is_tried_again_within_the_invocation(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    def down_once(parameters: dict[str, object]) -> tuple[int, dict[str, object]]:
        del aws.replies["PutEvents"]
        return 500, {"__type": "InternalFailure"}

    aws.replies["PutEvents"] = down_once
    assert function(record(message(unique("SUCCEEDS")))) == []


def test_failed_payment_that_cannot_be_put_aside_comes_back(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    aws.fail("SendMessage", "AccessDeniedException")
    sent = record(message(unique("FAILS-PROCESS_FAIL")))
    assert function(sent) == [sent["messageId"]]


def test_repeat_after_a_failed_effect_publishes_the_same_outcome_again(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("SUCCEEDS")
    aws.replies["PutEvents"] = failed_entries(0)
    function(record(message(name)))
    del aws.replies["PutEvents"]
    assert function(record(message(name), receive_count=2)) == []
    (_, first), (_, second) = aws.outcomes
    assert first["outcomeId"] == second["outcomeId"]


def test_whatever_fails_the_unknown_payments_of_the_batch_are_still_requeued(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    for action in ("PutEvents", "SendMessage", "StartExecution", "SendTaskSuccess"):
        aws.fail(action, "AccessDeniedException")
    sent = [
        record(message(unique("SUCCEEDS"))),
        record("not json"),
        record(message(unique("THROTTLED"))),
        record(tracked(message(unique("UNKNOWN")))),
        record(message(unique("UNKNOWN"))),
    ]
    assert function(*sent) == [one["messageId"] for one in sent]
    (call,) = aws.of("ChangeMessageVisibilityBatch")
    assert [one["ReceiptHandle"] for one in call["Entries"]] == [sent[-1]["receiptHandle"]]
