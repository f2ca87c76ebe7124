"""U, no answer, no proof: the first minute on the queue, then the tracker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.conftest import StandIn
from tests.handler.aws_double import AwsDouble
from tests.handler.conftest import QUEUE, Function
from tests.handler.records import ago, closed, message, record, tracked

type Unique = Callable[[str], str]

UNKNOWN = [
    "UNKNOWN",
    "U-ACCESS_DENIED",
    "ODD_STATUS",
    "DROPS",
    "GARBAGE",
    "HTTP_500",
    "UNSIGNED",
    "FORGED_REFUND",
    "FORGED_SUCCESS",
    "WRONGLY_SIGNED",
    "OTHER_CLIENT",
    "TOO_LARGE",
]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return moment


@pytest.mark.parametrize("scenario", UNKNOWN)
def test_unknown_of_the_first_minute_stays_on_the_queue_and_causes_no_outcome(
    function: Function, aws: AwsDouble, unique: Unique, scenario: str
) -> None:
    sent = record(message(unique(scenario)))
    assert function(sent) == [sent["messageId"]]
    assert aws.actions == ["GetSecretValue", "ChangeMessageVisibilityBatch"]
    (call,) = aws.of("ChangeMessageVisibilityBatch")
    (entry,) = call["Entries"]
    assert (call["QueueUrl"], entry["ReceiptHandle"]) == (QUEUE, sent["receiptHandle"])
    assert 5 <= entry["VisibilityTimeout"] <= 9


def test_no_answer_within_the_timeout_is_unknown(
    function: Function, aws: AwsDouble, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_TIMEOUT_SECONDS", "0.5")
    sent = record(message(unique("NO_ANSWER")))
    assert function(sent) == [sent["messageId"]]
    assert aws.outcomes == []


def test_one_visibility_call_serves_all_unknown_messages_of_an_invocation(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    unknown = [record(message(unique("UNKNOWN"))) for _ in range(9)]
    failures = function(record(message(unique("SUCCEEDS"))), *unknown)
    (call,) = aws.of("ChangeMessageVisibilityBatch")
    assert failures == [one["messageId"] for one in unknown]
    handles = {one["ReceiptHandle"] for one in call["Entries"]}
    assert handles == {one["receiptHandle"] for one in unknown}


def test_delays_of_a_batch_are_jittered_message_by_message(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    for _ in range(3):
        function(*[record(message(unique("UNKNOWN"))) for _ in range(10)])
    calls = aws.of("ChangeMessageVisibilityBatch")
    delays = {one["VisibilityTimeout"] for call in calls for one in call["Entries"]}
    assert len(delays) > 1


def test_delay_counts_from_the_end_of_the_attempt_however_slow_the_rest_of_the_batch_is(
    function: Function, aws: AwsDouble, unique: Unique, stand_in: StandIn
) -> None:
    name = unique("UNKNOWN")
    function(record(message(name)), record(message(unique("SLOW-4"))))
    (call,) = [one for one in aws.calls if one.action == "ChangeMessageVisibilityBatch"]
    ended = _moment(stand_in.requests(name)[0]["answeredAt"]).timestamp()
    (entry,) = call.parameters["Entries"]
    assert call.at - ended > 3.5
    assert 5 <= call.at + entry["VisibilityTimeout"] - ended < 9.9


def test_failed_visibility_change_loses_nothing(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    aws.fail("ChangeMessageVisibilityBatch", "ReceiptHandleIsInvalid")
    sent = record(message(unique("UNKNOWN")))
    assert function(sent) == [sent["messageId"]]


def test_failed_visibility_entry_loses_nothing(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    failed = {"Id": "0", "Code": "InternalError", "SenderFault": False}
    aws.replies["ChangeMessageVisibilityBatch"] = lambda _: (200, {"Failed": [failed]})
    sent = [record(message(unique("UNKNOWN"))) for _ in range(2)]
    assert function(*sent) == [one["messageId"] for one in sent]


@pytest.mark.parametrize("scenario", UNKNOWN)
def test_unknown_after_the_first_minute_is_handed_to_the_tracker(
    function: Function, aws: AwsDouble, unique: Unique, scenario: str
) -> None:
    name = unique(scenario)
    assert function(record(message(name), 12, ago(seconds=61))) == []
    assert list(aws.started) == [name]
    assert aws.actions == ["GetSecretValue", "StartExecution"]


def test_input_of_the_tracker_is_the_one_of_the_contract(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    first, name, other = ago(seconds=61), unique("UNKNOWN"), unique("Q")
    fields = message(name, paymentId=other, paymentCreateTime="2099-11-22T15:41:07Z", extra=1)
    function(record(fields, 12, first))
    given = aws.started[name]
    assert set(given) == {"payment", "cutoffAt", "firstAttemptAt", "attempts", "nextAttemptAt"}
    assert given["payment"] == {
        "paymentRequestId": name,
        "paymentId": other,
        "paymentCreateTime": "2099-11-22T15:41:07Z",
    }
    assert given["attempts"] == 12
    assert _moment(given["cutoffAt"]) == _moment("2099-11-23T00:15:00+08:00")
    assert abs(_moment(given["firstAttemptAt"]) - first) < timedelta(milliseconds=2)
    delay = _moment(given["nextAttemptAt"]) - ago()
    assert timedelta(seconds=25) < delay <= timedelta(seconds=65)


@pytest.mark.parametrize("absent", ["", None])
def test_absent_id_is_left_out_of_the_trackers_input(
    function: Function, aws: AwsDouble, unique: Unique, absent: str | None
) -> None:
    fields = message(unique("UNKNOWN"), paymentId=absent)
    function(record(fields, 12, ago(seconds=61)))
    (given,) = aws.started.values()
    assert set(given["payment"]) == {"paymentRequestId", "paymentCreateTime"}


def test_payment_known_by_payment_id_only_is_tracked_by_it(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("UNKNOWN")
    function(record(message("", paymentId=name), 12, ago(seconds=61)))
    assert list(aws.started) == [name]
    assert "paymentRequestId" not in aws.started[name]["payment"]


def test_throttled_payment_goes_to_the_tracker_at_once(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("THROTTLED")
    assert function(record(message(name))) == []
    delay = _moment(aws.started[name]["nextAttemptAt"]) - ago()
    assert timedelta(seconds=25) < delay <= timedelta(seconds=61)


@pytest.mark.parametrize(
    ("scenario", "code"), [("UNKNOWN", "UNKNOWN_EXCEPTION"), ("DROPS", None), ("UNSIGNED", None)]
)
@pytest.mark.parametrize("since", [1, 120])
def test_tracked_unknown_tells_its_tracker_to_retry(
    function: Function, aws: AwsDouble, unique: Unique, scenario: str, code: str | None, since: int
) -> None:
    fields = tracked(message(unique(scenario)), "token-7", 12, ago(seconds=since))
    assert function(record(fields)) == []
    ((token, output),) = aws.told
    next_attempt = _moment(output.pop("nextAttemptAt"))
    expected = {"disposition": "RETRY", "attempts": 13} | ({"resultCode": code} if code else {})
    assert (token, output) == ("token-7", expected)
    longest = max(since, 60) + 2
    assert timedelta(seconds=25) < next_attempt - ago() <= timedelta(seconds=longest)
    assert aws.of("ChangeMessageVisibilityBatch", "StartExecution", "PutEvents") == []


def test_very_first_attempt_is_sent_however_late(
    function: Function, aws: AwsDouble, unique: Unique, stand_in: StandIn
) -> None:
    name = unique("FAILS-CANCEL_WINDOW_EXCEED")
    assert function(record(closed(name))) == []
    assert len(stand_in.requests(name)) == 1
    assert [outcome for outcome, _ in aws.outcomes] == ["Payment Refund Required"]


def test_first_attempt_after_the_cutoff_that_stays_unknown_is_left_to_the_tracker_as_closed(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    name = unique("UNKNOWN")
    assert function(record(closed(name))) == []
    given = aws.started[name]
    assert given["nextAttemptAt"] == given["cutoffAt"]


@pytest.mark.parametrize("since", [1, 90])
def test_later_attempt_after_the_cutoff_is_not_sent_but_handed_to_the_tracker_as_closed(
    function: Function, aws: AwsDouble, unique: Unique, stand_in: StandIn, since: int
) -> None:
    name = unique("SUCCEEDS")
    assert function(record(closed(name), 2, ago(seconds=since))) == []
    given = aws.started[name]
    assert stand_in.requests(name) == []
    assert given["nextAttemptAt"] == given["cutoffAt"]
    assert aws.outcomes == []


def test_tracked_attempt_after_the_cutoff_is_not_sent_and_its_tracker_told_the_cutoff(
    function: Function, aws: AwsDouble, unique: Unique, stand_in: StandIn
) -> None:
    name = unique("SUCCEEDS")
    assert function(record(tracked(closed(name), "token-7", 40, ago(hours=3)))) == []
    ((token, output),) = aws.told
    assert stand_in.requests(name) == []
    assert (token, output["disposition"], output["attempts"]) == ("token-7", "RETRY", 41)
    assert _moment(output["nextAttemptAt"]) == _moment("2026-01-06T00:15:00+08:00")


def test_no_attempt_starts_without_time_for_it_and_the_message_comes_back(
    function: Function, aws: AwsDouble, unique: Unique, stand_in: StandIn
) -> None:
    name = unique("SUCCEEDS")
    sent = record(message(name))
    assert function(sent, remaining_ms=9_000) == [sent["messageId"]]
    assert (stand_in.requests(name), aws.outcomes) == ([], [])
