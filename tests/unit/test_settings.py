"""The environment: read once, refused as a whole, each fault by its name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cancel_payment.settings import Settings, SettingsError

COMPLETE = {
    "ALIPAY_GATEWAY_URL": "https://open-sea-global.alipayplus.com",
    "ALIPAY_CREDENTIALS_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:alipay-AbCdEf",
    "PAYMENT_TIMEOUTS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/1/payment-timeouts",
    "PAYMENT_TIMEOUTS_DLQ_URL": "https://sqs.eu-west-1.amazonaws.com/1/payment-timeouts-dlq",
    "TRACKER_STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:1:stateMachine:cancel-until-cutoff",
    "OUTCOME_BUS_NAME": "payments",
}
DURATIONS = ["GATEWAY_TIMEOUT_SECONDS", "SLOW_RETRY_INITIAL_SECONDS", "SLOW_RETRY_MAX_SECONDS"]


def _refusal(**changes: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(COMPLETE | changes)
    return str(caught.value)


def test_complete_environment_is_read_as_it_stands() -> None:
    settings = Settings.from_environment(COMPLETE)
    assert settings.gateway_url == COMPLETE["ALIPAY_GATEWAY_URL"]
    assert settings.credentials_secret_arn == COMPLETE["ALIPAY_CREDENTIALS_SECRET_ARN"]
    assert settings.payment_timeouts_queue_url == COMPLETE["PAYMENT_TIMEOUTS_QUEUE_URL"]
    assert settings.payment_timeouts_dlq_url == COMPLETE["PAYMENT_TIMEOUTS_DLQ_URL"]
    assert settings.tracker_state_machine_arn == COMPLETE["TRACKER_STATE_MACHINE_ARN"]
    assert settings.outcome_bus_name == COMPLETE["OUTCOME_BUS_NAME"]


def test_defaults_are_8_60_and_900_seconds() -> None:
    settings = Settings.from_environment(COMPLETE)
    durations = settings.gateway_timeout, settings.slow_retry_initial, settings.slow_retry_max
    assert durations == tuple(timedelta(seconds=number) for number in (8, 60, 900))


def test_durations_can_be_set() -> None:
    changes = dict(zip(DURATIONS, ["2.5", "3", "30"], strict=True))
    settings = Settings.from_environment(COMPLETE | changes)
    durations = settings.gateway_timeout, settings.slow_retry_initial, settings.slow_retry_max
    assert durations == tuple(timedelta(seconds=number) for number in (2.5, 3, 30))


def test_empty_environment_gives_one_error_that_names_everything_missing() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({})
    assert all(name in str(caught.value) for name in COMPLETE)


def test_all_faults_of_different_kinds_stand_in_one_error() -> None:
    text = _refusal(
        ALIPAY_GATEWAY_URL="ftp://x",
        OUTCOME_BUS_NAME="",
        PAYMENT_TIMEOUTS_QUEUE_URL="payment-timeouts",
        TRACKER_STATE_MACHINE_ARN="cancel-until-cutoff",
        **dict.fromkeys(DURATIONS, "soon"),
    )
    faulty = {
        "ALIPAY_GATEWAY_URL",
        "OUTCOME_BUS_NAME",
        "PAYMENT_TIMEOUTS_QUEUE_URL",
        "TRACKER_STATE_MACHINE_ARN",
        *DURATIONS,
    }
    assert {name for name in [*COMPLETE, *DURATIONS] if name in text} == faulty


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("value", ["", "   "])
def test_empty_value_counts_as_missing(name: str, value: str) -> None:
    assert f"{name} is missing" in _refusal(**{name: value})


@pytest.mark.parametrize("name", DURATIONS)
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "-inf", "1e999", "eight", "8s"])
def test_duration_that_is_no_positive_number_of_seconds_is_refused(name: str, value: str) -> None:
    assert name in _refusal(**{name: value})


def test_first_slow_delay_above_the_longest_is_refused() -> None:
    text = _refusal(SLOW_RETRY_INITIAL_SECONDS="901")
    assert "SLOW_RETRY_INITIAL_SECONDS" in text


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4701",
        "http://127.9.9.9",
        "http://[::1]:4701",
        "http://localhost:4701",
        "https://open-na.alipayplus.com:8443",
        "https://open-na.alipayplus.com/",
    ],
)
def test_https_anywhere_and_http_to_loopback_are_taken(url: str) -> None:
    settings = Settings.from_environment(COMPLETE | {"ALIPAY_GATEWAY_URL": url})
    assert settings.gateway_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://open-sea-global.alipayplus.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://localhost@example.com",
    ],
)
def test_http_to_any_other_host_is_refused(url: str) -> None:
    assert "ALIPAY_GATEWAY_URL" in _refusal(ALIPAY_GATEWAY_URL=url)


def test_http_to_any_host_is_taken_under_sam_local_invoke() -> None:
    changes = {"ALIPAY_GATEWAY_URL": "http://172.17.0.1:4701", "AWS_SAM_LOCAL": "true"}
    assert Settings.from_environment(COMPLETE | changes).gateway_url == "http://172.17.0.1:4701"


@pytest.mark.parametrize("value", ["false", "", "1", "no"])
def test_sam_local_must_be_true_to_allow_http(value: str) -> None:
    text = _refusal(ALIPAY_GATEWAY_URL="http://172.17.0.1:4701", AWS_SAM_LOCAL=value)
    assert "ALIPAY_GATEWAY_URL" in text


@pytest.mark.parametrize(
    "url",
    [
        "open-sea-global.alipayplus.com",
        "//open-sea-global.alipayplus.com",
        "ftp://open-sea-global.alipayplus.com",
        "https://",
        "https:///path",
        "https://host/aps/api/v1/payments/cancelPayment",
        "https://host?x=1",
        "https://host#here",
        "https://host:99999",
        "https://host:port",
        "https://[::1",
        "https://user@host",
        "https://user:hunter2@host",
    ],
)
def test_url_that_is_more_or_less_than_scheme_host_and_port_is_refused(url: str) -> None:
    assert "ALIPAY_GATEWAY_URL" in _refusal(ALIPAY_GATEWAY_URL=url)


def test_refusal_shows_no_value_and_says_what_to_do() -> None:
    text = _refusal(ALIPAY_GATEWAY_URL="https://user:hunter2@host/?token=t0k3n")
    assert not any(word in text for word in ("hunter2", "t0k3n"))
    assert "deploy" in text
