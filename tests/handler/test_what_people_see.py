"""Log lines and metrics: JSON, the names of the contract, and nothing secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cancel_payment import app
from cancel_payment.settings import SettingsError

from tests.conftest import StandIn, bare
from tests.handler.aws_double import AwsDouble
from tests.handler.conftest import Context, Function, Output
from tests.handler.records import Record, ago, message, record, tracked

type Unique = Callable[[str], str]

COUNTS = {
    "Attempts",
    "Cancelled",
    "RefundRequired",
    "Failed",
    "Unknown",
    "UnprovenAnswers",
    "Rejected",
    "HandedToTracker",
}


def _counts(output: Output) -> dict[str, float]:
    return {name: total for name in COUNTS if (total := sum(output.metrics.get(name, [])))}


@pytest.mark.parametrize(
    ("scenario", "counted"),
    [
        ("SUCCEEDS", {"Attempts", "Cancelled"}),
        ("FAILS-CANCEL_WINDOW_EXCEED", {"Attempts", "RefundRequired"}),
        ("FAILS-PROCESS_FAIL", {"Attempts", "Failed"}),
        ("UNKNOWN", {"Attempts", "Unknown"}),
        ("DROPS", {"Attempts", "Unknown"}),
        ("FORGED_REFUND", {"Attempts", "Unknown", "UnprovenAnswers"}),
        ("UNSIGNED", {"Attempts", "Unknown", "UnprovenAnswers"}),
        ("GARBAGE", {"Attempts", "Unknown", "UnprovenAnswers"}),
        ("THROTTLED", {"Attempts", "Unknown", "HandedToTracker"}),
    ],
)
def test_attempt_is_counted_under_the_names_of_the_contract(
    function: Function, output: Output, unique: Unique, scenario: str, counted: set[str]
) -> None:
    function(record(message(unique(scenario))))
    assert _counts(output) == dict.fromkeys(counted, 1)


def test_metrics_of_a_batch_are_its_sums(
    function: Function, output: Output, unique: Unique
) -> None:
    function(
        *[record(message(unique("SUCCEEDS"))) for _ in range(4)],
        *[record(message(unique("UNKNOWN"))) for _ in range(3)],
        record(message(unique("UNKNOWN")), 12, ago(seconds=61)),
        record("not json"),
        record(message(unique("FAILS-PROCESS_FAIL"))),
    )
    assert _counts(output) == {
        "Attempts": 9,
        "Cancelled": 4,
        "Unknown": 4,
        "HandedToTracker": 1,
        "Rejected": 1,
        "Failed": 1,
    }


def test_latency_is_measured_in_milliseconds_and_time_to_the_cutoff_in_seconds(
    function: Function, output: Output, unique: Unique
) -> None:
    function(record(message(unique("SLOW-1"))), record(message(unique("UNKNOWN"))))
    latencies, left = output.metrics["GatewayLatency"], output.metrics["SecondsToCutoff"]
    assert 1000 <= max(latencies) < 5000
    assert (len(latencies), len(left)) == (2, 1)
    assert 14 * 60 < left[0] <= 24 * 3600 + 15 * 60


def test_units_are_those_of_the_contract(
    function: Function, output: Output, unique: Unique
) -> None:
    function(record(message(unique("SUCCEEDS"))))
    units = {
        metric["Name"]: metric["Unit"]
        for line in output.lines
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for metric in directive["Metrics"]
    }
    assert units["GatewayLatency"] == "Milliseconds"
    assert units["SecondsToCutoff"] == "Seconds"
    assert units["Attempts"] == "Count"


def test_unsigned_refusal_of_our_signature_is_logged_as_a_diagnosis(
    function: Function,
    aws: AwsDouble,
    output: Output,
    unique: Unique,
    stand_in: StandIn,
    secret: dict[str, Any],
) -> None:
    aws.secret = json.dumps(stand_in.secret | {"privateKey": secret["privateKey"]})
    function(record(message(unique("SUCCEEDS"))))
    assert "INVALID_SIGNATURE" in {line.get("resultCode") for line in output.logs}
    assert _counts(output) == {"Attempts": 1, "Unknown": 1, "UnprovenAnswers": 1}


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("SUCCEEDS", "SUCCESS"), ("UNKNOWN", "UNKNOWN_EXCEPTION"), ("SIGNED_400", "PROCESS_FAIL")],
)
def test_attempt_is_logged_with_the_payments_ids_its_number_and_the_result_code(
    function: Function, output: Output, unique: Unique, scenario: str, code: str
) -> None:
    name, other = unique(scenario), unique("Q")
    function(record(message(name, paymentId=other), receive_count=3))
    expected = {
        "paymentRequestId": name,
        "paymentId": other,
        "attempt": 3,
        "resultCode": code,
    }
    assert any(expected.items() <= line.items() for line in output.logs)


def test_every_line_is_json_and_every_failed_effect_is_logged_with_its_payment(
    function: Function, aws: AwsDouble, output: Output, unique: Unique
) -> None:
    for action in ("PutEvents", "StartExecution", "SendTaskSuccess"):
        aws.fail(action, "AccessDeniedException")
    names = [unique("SUCCEEDS"), unique("THROTTLED"), unique("UNKNOWN")]
    function(*[record(message(name)) for name in names[:2]], record(tracked(message(names[2]))))
    errors = {one["paymentRequestId"] for one in output.logs if one["level"] == "ERROR"}
    assert errors == set(names)


def test_rejected_record_is_logged_with_its_message_id_and_reason(
    function: Function, output: Output
) -> None:
    bad = record({"paymentRequestId": "P1"})
    function(bad)
    (line,) = [one for one in output.logs if one.get("messageId") == bad["messageId"]]
    assert "paymentCreateTime" in line["rejectReason"]
    assert (line["paymentRequestId"], bool(line["furtherAction"])) == ("P1", True)


def test_output_holds_no_key_token_or_signature(
    function: Function,
    aws: AwsDouble,
    output: Output,
    unique: Unique,
    stand_in: StandIn,
) -> None:
    aws.secret = json.dumps(stand_in.secret | {"agentToken": "AGENT-TOKEN-0042"})
    aws.fail("SendTaskFailure", "AccessDeniedException")
    scenarios = ["SUCCEEDS", "UNKNOWN", "FORGED_SUCCESS", "UNSIGNED", "FAILS-PROCESS_FAIL"]
    names = [unique(one) for one in scenarios]
    sent: list[Record] = [record(message(name)) for name in names]
    waiting = record(tracked(message(unique("FAILS-PROCESS_FAIL")), "TASK-TOKEN-0042"))
    function(*sent, waiting, record(tracked({"paymentRequestId": "P"}, "TASK-TOKEN-0042")))
    private = bare(stand_in.secret["privateKey"])
    assert "SUCCESS" in output.text
    assert not any(private[at : at + 12] in output.text for at in range(0, len(private) - 12))
    assert "TOKEN-0042" not in output.text
    for name in names:
        header = stand_in.requests(name)[0]["requestHeaders"]["signature"]
        assert header.partition("signature=")[2].rstrip("…") not in output.text


def test_missing_settings_are_one_error_that_names_them_all(
    function: Function, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = ["ALIPAY_CREDENTIALS_SECRET_ARN", "OUTCOME_BUS_NAME", "PAYMENT_TIMEOUTS_DLQ_URL"]
    for name in missing:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError) as caught:
        app.lambda_handler({"Records": [record(message("P1"))]}, Context())  # type: ignore[arg-type]
    assert all(name in str(caught.value) for name in missing)


def test_settings_are_read_again_once_they_are_mended(
    function: Function, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.delenv("OUTCOME_BUS_NAME")
        with pytest.raises(SettingsError):
            function(record(message(unique("SUCCEEDS"))))
    assert function(record(message(unique("SUCCEEDS")))) == []
