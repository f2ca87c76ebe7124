"""The environment: read once, refused as a whole, each fault by its name."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from cancel_payment.settings import Settings, SettingsError
from hypothesis import example, given
from hypothesis import strategies as st

COMPLETE = {
    "ALIPAY_GATEWAY_URL": "https://open-sea-global.alipayplus.com",
    "ALIPAY_CREDENTIALS_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:alipay-AbCdEf",
    "PAYMENT_TIMEOUTS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/1/payment-timeouts",
    "PAYMENT_TIMEOUTS_DLQ_URL": "http://localhost:4566/1/payment-timeouts-dlq",
    "TRACKER_STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:1:stateMachine:cancel-until-cutoff",
    "OUTCOME_BUS_NAME": "payments",
}
DURATIONS = ["GATEWAY_TIMEOUT_SECONDS", "SLOW_RETRY_INITIAL_SECONDS", "SLOW_RETRY_MAX_SECONDS"]
KEY_ARN = "arn:aws:kms:eu-west-1:1:key/11111111-2222-4333-8444-555555555555"
LOOPBACK = "http://127.0.0.1:4701"


def settings(**changes: str) -> Settings:
    return Settings.from_environment(COMPLETE | changes)


def refusal(**changes: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(**changes)
    text = str(caught.value)
    assert text.startswith("the function's settings are not usable: ")
    assert text.endswith(". Correct the parameters of the stack and deploy it again.")
    return text


def durations(one: Settings) -> tuple[float, float, float]:
    first, *more = one.gateway_timeout, one.slow_retry_initial, one.slow_retry_max
    return first.total_seconds(), more[0].total_seconds(), more[1].total_seconds()


def test_complete_environment_is_read_as_it_stands() -> None:
    assert settings() == Settings(
        *(COMPLETE[name] for name in COMPLETE),
        *(timedelta(seconds=number) for number in (8, 60, 900)),
        signing_key_arn=None,
        corrected=(),
    )


def test_values_may_have_spaces_around_them_and_durations_can_be_set() -> None:
    padded = {name: f" {value} " for name, value in COMPLETE.items()}
    assert Settings.from_environment(padded) == settings()
    changed = dict(zip(DURATIONS, ["2.5", "90", " 300 "], strict=True))
    assert durations(settings(**changed)) == (2.5, 90, 300)
    assert durations(settings(GATEWAY_TIMEOUT_SECONDS="8", SLOW_RETRY_MAX_SECONDS="43200"))


def test_all_faults_stand_in_one_error_that_says_what_to_do() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({})
    assert all(f"{name} is missing" in str(caught.value) for name in COMPLETE)
    assert "; " in str(caught.value)


def test_fault_of_each_kind_is_named_and_no_other_setting() -> None:
    broken = {
        "ALIPAY_GATEWAY_URL": "ftp://x",
        "OUTCOME_BUS_NAME": "  ",
        "PAYMENT_TIMEOUTS_QUEUE_URL": "payment-timeouts",
        "TRACKER_STATE_MACHINE_ARN": "cancel-until-cutoff",
        "ALIPAY_SIGNING_KEY_ARN": "alias/ours",
    }
    text = refusal(**broken, **dict.fromkeys(DURATIONS, "soon"))
    named = {name for name in [*COMPLETE, *DURATIONS, "ALIPAY_SIGNING_KEY_ARN"] if name in text}
    assert named == {*broken, *DURATIONS}
    assert "PAYMENT_TIMEOUTS_QUEUE_URL must be the URL of a queue, not its name or ARN" in text
    assert "TRACKER_STATE_MACHINE_ARN must be the ARN of a state machine" in text
    assert "ALIPAY_SIGNING_KEY_ARN must be the ARN of a KMS key, not of an alias" in text


@pytest.mark.parametrize("name", DURATIONS)
def test_duration_that_is_no_positive_number_of_seconds_or_too_long_is_refused(name: str) -> None:
    most = 8 if name == "GATEWAY_TIMEOUT_SECONDS" else 43200
    fact = f"{name} must be a number of seconds above 0, at most {most}"
    for value in ("0", "-1", "nan", "inf", "-inf", "1e999", "eight", "8s", f"{most}.1"):
        assert fact in refusal(**{name: value}), value


def test_first_slow_delay_above_the_longest_is_refused() -> None:
    text = refusal(SLOW_RETRY_INITIAL_SECONDS="901")
    assert "SLOW_RETRY_INITIAL_SECONDS is above SLOW_RETRY_MAX_SECONDS" in text
    assert durations(settings(SLOW_RETRY_INITIAL_SECONDS="900"))[1:] == (900, 900)


def test_slow_delay_under_a_minute_counts_as_a_minute_and_is_told() -> None:
    read = settings(SLOW_RETRY_INITIAL_SECONDS="3", SLOW_RETRY_MAX_SECONDS="59.5")
    assert durations(read) == (8, 60, 60)
    assert read.corrected == (
        "SLOW_RETRY_INITIAL_SECONDS is 3; 60 is used",
        "SLOW_RETRY_MAX_SECONDS is 59.5; 60 is used",
    )


@pytest.mark.parametrize(
    "local", [{"ALIPAY_GATEWAY_URL": LOOPBACK}, {"AWS_SAM_LOCAL": "true"}], ids=["loopback", "sam"]
)
def test_slow_delay_may_be_short_where_a_gateway_is_asked_to_be_seen(local: dict[str, str]) -> None:
    read = settings(SLOW_RETRY_INITIAL_SECONDS="3", SLOW_RETRY_MAX_SECONDS="30", **local)
    assert (durations(read), read.corrected) == ((8, 3, 30), ())


def test_signing_key_is_optional_and_nothing_but_the_arn_of_a_key() -> None:
    assert settings(ALIPAY_SIGNING_KEY_ARN=KEY_ARN).signing_key_arn == KEY_ARN
    assert settings(ALIPAY_SIGNING_KEY_ARN=" ").signing_key_arn is None
    for arn in (KEY_ARN.replace("key/", "alias/"), "key/1", ":key/1", ":kms:"):
        assert "ALIPAY_SIGNING_KEY_ARN" in refusal(ALIPAY_SIGNING_KEY_ARN=arn)


@pytest.mark.parametrize(
    "url",
    [
        LOOPBACK,
        "http://127.9.9.9",
        "http://[::1]:4701",
        "http://localhost:4701",
        "https://open-na.alipayplus.com:8443",
        "https://open-na.alipayplus.com/",
    ],
)
def test_https_anywhere_and_http_to_loopback_are_taken(url: str) -> None:
    assert settings(ALIPAY_GATEWAY_URL=url).gateway_url == url.rstrip("/")


@given(st.text("aZ1.-_%:[]@/\\ \t*~v\uff4c\xdf\u3002\u200b", min_size=1, max_size=12))
@example("[v1.x]")
@example("[::1%25lo]")
@example("%6cocalhost")
@example("\uff4cocalhost")
@example("host:0")
def test_url_that_is_taken_is_one_that_httpx_reads_likewise(text: str) -> None:
    try:
        taken = settings(ALIPAY_GATEWAY_URL=f"https://{text}").gateway_url
    except SettingsError:
        return
    url = httpx.URL(taken)
    assert url.raw_host.decode() == urlsplit(taken).hostname
    assert url.port == urlsplit(taken).port != 0
    assert re.fullmatch("[a-z0-9._:-]+", url.raw_host.decode())


def test_http_to_any_host_is_taken_under_sam_local_invoke_alone() -> None:
    url = "http://172.17.0.1:4701"
    assert settings(ALIPAY_GATEWAY_URL=url, AWS_SAM_LOCAL="true").gateway_url == url
    for value in ("false", "", "1", "TRUE"):
        assert "must be https" in refusal(ALIPAY_GATEWAY_URL=url, AWS_SAM_LOCAL=value)


HOST = "open-sea-global.alipayplus.com"
REFUSED = {
    "must be https; http is for a loopback address or under sam local invoke only": [
        *(f"http://{HOST}", "http://10.0.0.1", "http://0.0.0.0"),
        *("http://127.0.0.1.example.com", "http://localhost.example.com"),
    ],
    "must not hold a user name or a password": [
        *("http://localhost@example.com", "https://user@host"),
        "https://user:hunter2@host/?token=t0k3n",
    ],
    "must be scheme, host and port only, as in https://open-sea-global.alipayplus.com": [
        *(HOST, f"//{HOST}", f"ftp://{HOST}", "https://", "https:///path", "https://host?x=1"),
        *("https://host/aps/api/v1/payments/cancelPayment", "https://host#here"),
        *("https://host.:1", "https://*.host"),
    ],
    "": ["https://host:99999", "https://host:port", "https://[::1", "https://a..b"],
}


@pytest.mark.parametrize("reason", REFUSED)
def test_url_that_is_more_or_less_than_scheme_host_and_port_is_refused(reason: str) -> None:
    for url in REFUSED[reason]:
        text = refusal(ALIPAY_GATEWAY_URL=url)
        assert f"ALIPAY_GATEWAY_URL {reason}" in text, url
        assert not any(word in text for word in ("hunter2", "t0k3n"))
