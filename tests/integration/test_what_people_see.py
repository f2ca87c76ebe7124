"""Log lines and metrics: JSON, the names of the contract, one line an attempt, nothing secret."""

from __future__ import annotations

from typing import Any

import pytest
from cancel_payment.settings import SettingsError

from tests.integration.conftest import Environment
from tests.support.aws import AwsDouble
from tests.support.function import Function
from tests.support.gateway import FIN, Gateway, Step
from tests.support.records import ago, message, record, tracked
from tests.support.signer import UNKNOWN, Signer, answer, by_payment, result, success

COUNTS = {"Attempts", "Cancelled", "RefundRequired", "Failed", "Unknown", "UnprovenAnswers"}
COUNTS |= {"Rejected", "HandedToTracker", "EffectsFailed", "KeysRefused"}
REFUND = result("F", "CANCEL_WINDOW_EXCEED")
FAIL = result("F", "PROCESS_FAIL")
THROTTLED = result("U", "REQUEST_TRAFFIC_EXCEED_LIMIT")


def counted(function: Function) -> dict[str, float]:
    totals = {name: sum(function.metrics[name]) for name in COUNTS & function.metrics.keys()}
    return {name: total for name, total in totals.items() if total}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (success("P"), {"Cancelled"}),
        (REFUND, {"RefundRequired"}),
        (FAIL, {"Failed"}),
        (UNKNOWN, {"Unknown"}),
        (THROTTLED, {"Unknown", "HandedToTracker"}),
        (result("F", "INVALID_SIGNATURE"), {"Failed", "KeysRefused"}),
        (result("F", "INVALID_CLIENT"), {"Failed", "KeysRefused"}),
        ([FIN], {"Unknown"}),
        ([answer(success("P"))], {"Unknown", "UnprovenAnswers"}),
        (
            [answer(result("F", "KEY_NOT_FOUND"), 401)],
            {"Unknown", "UnprovenAnswers", "KeysRefused"},
        ),
    ],
)
def test_answer_is_counted_under_the_names_of_the_contract(
    given: bytes | list[Step], names: set[str], function: Function, gateway: Gateway, signer: Signer
) -> None:
    """Bytes are the body of a signed answer."""
    steps: list[Step] = [signer.answer(given)] if isinstance(given, bytes) else given
    gateway.answer = lambda _: steps
    function(record(message("P")))
    assert counted(function) == dict.fromkeys({"Attempts", *names}, 1)


def test_metrics_of_a_batch_are_its_sums_in_one_record_of_the_stacks_name(
    function: Function, gateway: Gateway, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, {"U": UNKNOWN, "V": UNKNOWN, "T": UNKNOWN, "F": FAIL})
    function(
        *[record(message(f"S-{number}")) for number in range(4)],
        *[record(message(name)) for name in "UVF"],
        record(message("T"), 12, ago(seconds=61)),
        record("not json"),
    )
    assert counted(function) == {
        "Attempts": 8,
        "Cancelled": 4,
        "Unknown": 3,
        "HandedToTracker": 1,
        "Rejected": 1,
        "Failed": 1,
    }
    (line,) = [one for one in function.lines if "_aws" in one]
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "CancelPayment"
    assert (directive["Dimensions"], line["service"]) == ([["service"]], "cancel-payment")
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units.pop("GatewayLatency") == "Milliseconds"
    assert units.pop("SecondsToCutoff") == "Seconds"
    assert set(units.values()) == {"Count"}
    assert {"Attempts", "EffectsFailed", "Rejected"} <= units.keys() <= COUNTS
    assert len(line["GatewayLatency"]) == 8
    assert len(line["SecondsToCutoff"]) == 5


def test_what_has_failed_is_counted_when_it_is_done(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, {"T": THROTTLED})
    sent = [record(message("S")), record(message("T")), record("not json")]
    for action in ("PutEvents", "StartExecution", "SendMessage"):
        aws.fail(action, "AccessDeniedException")
    function(*sent)
    assert counted(function) == {"Attempts": 2, "Unknown": 1, "EffectsFailed": 3}
    aws.replies.clear()
    function.forget()
    function(*sent)
    done = {"Attempts": 2, "Unknown": 1, "Cancelled": 1, "HandedToTracker": 1, "Rejected": 1}
    assert counted(function) == done


def attempts(function: Function) -> dict[str, dict[str, Any]]:
    lines = [one for one in function.logs if one["message"].startswith("cancel ")]
    return {line["paymentRequestId"]: line for line in lines}


def test_every_attempt_is_one_line_with_its_ids_number_evidence_and_what_comes_next(
    function: Function, gateway: Gateway, signer: Signer
) -> None:
    gateway.answer = by_payment(signer, {"F": FAIL, "U": UNKNOWN, "C": UNKNOWN, "T": THROTTLED})
    function(
        record(message("S", paymentId="Q"), 3),
        *[record(message(name)) for name in "FUT"],
        record(tracked(message("C"), closing=True)),
    )
    lines = attempts(function)
    assert {name: (one["level"], one["next"]) for name, one in lines.items()} == {
        "S": ("INFO", "CANCELLED"),
        "F": ("WARNING", "FAILED"),
        "U": ("INFO", "RE_QUEUE"),
        "T": ("INFO", "TRACKER"),
        "C": ("INFO", "TRACKER"),
    }
    expected = {
        "message": "cancel attempted",
        "paymentRequestId": "S",
        "paymentId": "Q",
        "attempt": 3,
        "tracked": False,
        "closing": False,
        "resultStatus": "S",
        "resultCode": "SUCCESS",
        "evidence": "signed",
        "reason": "",
        "furtherAction": "The merchant can start a new payment.",
        "functionRequestId": "11111111-2222-4333-8444-555555555555",
        "service": "cancel-payment",
    }
    assert expected.items() <= lines["S"].items()
    assert 0 < lines["S"]["latencyMs"] < 5000
    assert lines["U"]["nextAttemptAt"].endswith("+08:00")
    assert lines["T"]["nextAttemptAt"].endswith("+08:00")
    assert (lines["C"]["tracked"], lines["C"]["closing"]) == (True, True)


def test_closing_call_that_was_not_sent_is_said_to_come_back(
    function: Function, aws: AwsDouble
) -> None:
    aws.secret = "{}"
    function(record(tracked(message("C"), closing=True)))
    line = attempts(function)["C"]
    assert (line["message"], line["level"]) == ("cancel not sent", "WARNING")
    assert (line["next"], line.get("latencyMs")) == ("COMES_BACK", None)


def test_rejected_record_is_logged_with_its_message_id_ids_and_reason(function: Function) -> None:
    bad = record({"paymentRequestId": "P1"})
    function(bad)
    (line,) = [one for one in function.logs if one.get("messageId") == bad["messageId"]]
    assert (line["level"], line["message"]) == ("ERROR", "sent to the dead-letter queue")
    assert line["rejectReason"] == "paymentCreateTime is missing"
    assert (line["paymentRequestId"], bool(line["furtherAction"])) == ("P1", True)


def test_setting_that_is_not_used_as_given_is_logged_as_an_error(
    fresh: Environment, aws: AwsDouble
) -> None:
    with fresh("https://gateway.invalid", SLOW_RETRY_INITIAL_SECONDS="5") as function:
        function(record("not json"))
    errors = [one.get("reason") for one in function.logs if one["level"] == "ERROR"]
    assert "SLOW_RETRY_INITIAL_SECONDS is 5; 60 is used" in errors


def test_settings_that_are_missing_are_one_error_and_read_again_once_they_are_there(
    fresh: Environment, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = ["ALIPAY_CREDENTIALS_SECRET_ARN", "OUTCOME_BUS_NAME", "PAYMENT_TIMEOUTS_DLQ_URL"]
    with fresh(gateway.url) as function:
        with monkeypatch.context() as broken:
            for name in missing:
                broken.delenv(name)
            with pytest.raises(SettingsError) as caught:
                function(record(message("P")))
        assert all(name in str(caught.value) for name in missing)
        assert function(record(message("P"))) == []
