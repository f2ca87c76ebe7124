"""Log lines and metrics: JSON, the names of the contract, one line an attempt, nothing secret."""

from __future__ import annotations

import pytest
from cancel_payment.settings import SettingsError

from tests.integration.conftest import Environment, Lab, late
from tests.support.function import Function
from tests.support.gateway import FIN, Gateway
from tests.support.records import message, record, tracked
from tests.support.signer import FAIL, REFUND, THROTTLED, UNKNOWN, answer, result, success

COUNTS = {"Attempts", "Cancelled", "RefundRequired", "Failed", "Unknown", "UnprovenAnswers"}
COUNTS |= {"Rejected", "HandedToTracker", "EffectsFailed", "KeysRefused"}


def counted(function: Function) -> dict[str, float]:
    totals = {name: sum(function.metrics[name]) for name in COUNTS & function.metrics.keys()}
    return {name: total for name, total in totals.items() if total}


def test_answer_is_counted_under_the_names_of_the_contract(lab: Lab) -> None:
    sign = lab.signer.answer
    table = [
        (sign(success("P")), {"Cancelled"}),
        (sign(REFUND), {"RefundRequired"}),
        (sign(FAIL), {"Failed"}),
        (sign(UNKNOWN), {"Unknown"}),
        (sign(THROTTLED), {"Unknown", "HandedToTracker"}),
        (sign(result("F", "INVALID_SIGNATURE")), {"Failed", "KeysRefused"}),
        (sign(result("F", "INVALID_CLIENT")), {"Failed", "KeysRefused"}),
        (FIN, {"Unknown"}),
        (answer(success("P")), {"Unknown", "UnprovenAnswers"}),
        (
            answer(result("F", "KEY_NOT_FOUND"), 401),
            {"Unknown", "UnprovenAnswers", "KeysRefused"},
        ),
    ]
    for step, names in table:
        lab.function.forget()
        lab.gateway.answer = lambda _, step=step: [step]
        lab.function(record(message("P")))
        assert counted(lab.function) == dict.fromkeys({"Attempts", *names}, 1), step


def test_metrics_of_a_batch_are_its_sums_in_one_record_of_the_stacks_name(lab: Lab) -> None:
    lab.answers(U=UNKNOWN, V=UNKNOWN, T=UNKNOWN, F=FAIL)
    lab.function(
        *[record(message(f"S-{number}")) for number in range(4)],
        *[record(message(name)) for name in "UVF"],
        late(message("T")),
        record("not json"),
    )
    expected = {"Attempts": 8, "Cancelled": 4, "Unknown": 3, "Failed": 1}
    assert counted(lab.function) == expected | {"HandedToTracker": 1, "Rejected": 1}
    (line,) = [one for one in lab.function.lines if "_aws" in one]
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "CancelPayment"
    assert (directive["Dimensions"], line["service"]) == ([["service"]], "cancel-payment")
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units.pop("GatewayLatency") == "Milliseconds"
    assert units.pop("SecondsToCutoff") == "Seconds"
    assert set(units.values()) == {"Count"}
    assert {"Attempts", "EffectsFailed", "Rejected"} <= units.keys() <= COUNTS
    assert (len(line["GatewayLatency"]), len(line["SecondsToCutoff"])) == (8, 5)


def test_what_has_failed_is_counted_when_it_is_done(lab: Lab) -> None:
    lab.answers(T=THROTTLED)
    sent = [record(message("S")), record(message("T")), record("not json")]
    for action in ("PutEvents", "StartExecution", "SendMessage"):
        lab.aws.fail(action, "AccessDeniedException")
    lab.function(*sent)
    assert counted(lab.function) == {"Attempts": 2, "Unknown": 1, "EffectsFailed": 3}
    lab.aws.replies.clear()
    lab.function.forget()
    lab.function(*sent)
    done = {"Attempts": 2, "Unknown": 1, "Cancelled": 1, "HandedToTracker": 1, "Rejected": 1}
    assert counted(lab.function) == done


def test_every_attempt_is_one_line_with_its_ids_number_evidence_and_what_comes_next(
    lab: Lab,
) -> None:
    lab.answers(F=FAIL, U=UNKNOWN, C=UNKNOWN, T=THROTTLED)
    lab.function(
        record(message("S", paymentId="Q"), 3),
        *[record(message(name)) for name in "FUT"],
        record(tracked(message("C"), closing=True)),
    )
    lines = {line["paymentRequestId"]: line for line in lab.logged(message="cancel attempted")}
    assert {name: (one["level"], one["next"]) for name, one in lines.items()} == {
        "S": ("INFO", "CANCELLED"),
        "F": ("WARNING", "FAILED"),
        "U": ("INFO", "RE_QUEUE"),
        "T": ("INFO", "TRACKER"),
        "C": ("INFO", "TRACKER"),
    }
    expected = {
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
    assert all(lines[name]["nextAttemptAt"].endswith("+08:00") for name in "UT")
    assert (lines["C"]["tracked"], lines["C"]["closing"]) == (True, True)


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


def test_setting_that_is_not_used_as_given_is_logged_as_an_error(fresh: Environment) -> None:
    with fresh("https://gateway.invalid", SLOW_RETRY_INITIAL_SECONDS="5") as function:
        function(record("not json"))
    errors = [one.get("reason") for one in function.logs if one["level"] == "ERROR"]
    assert "SLOW_RETRY_INITIAL_SECONDS is 5; 60 is used" in errors
