"""The function's settings: read from the environment once, validated as a whole.

The names are the contract with ``template.yaml``; they stand nowhere else in the package.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:.]*:[0-9a-f:.]*")


class SettingsError(ValueError):
    """The environment is not usable; the text names every fault and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the function needs to know; durations are durations, URLs are complete.

    Attributes
    ----------
    gateway_url
        Scheme, host and port of Alipay+; the path belongs to the call.
    gateway_timeout
        The whole time of one attempt. Alipay+ recommends 8 s for cancelPayment
        (docs.alipayplus.com/alipayplus/alipayplus/api_acq/timeout).
    signing_key_arn
        The KMS key that signs instead of the secret's private key, if any.
    corrected
        One sentence for each setting that is not used as it was given; to be logged as errors.
    """

    gateway_url: str
    credentials_secret_arn: str
    payment_timeouts_queue_url: str
    payment_timeouts_dlq_url: str
    tracker_state_machine_arn: str
    outcome_bus_name: str
    gateway_timeout: timedelta
    slow_retry_initial: timedelta
    slow_retry_max: timedelta
    signing_key_arn: str | None
    corrected: tuple[str, ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings.

        Raises
        ------
        SettingsError
            One error that names all faults.
        """
        read = _Reader(environment)
        local = environment.get("AWS_SAM_LOCAL") == "true"
        gateway_url = read.checked(
            "ALIPAY_GATEWAY_URL", lambda value: _gateway_url(value, http_allowed=local)
        )
        # An execution's history holds 25,000 events, about ten a round. A local gateway is asked
        # more often, to be seen.
        least = 0.0 if local or _is_loopback(gateway_url) else 60.0
        settings = cls(
            gateway_url=gateway_url,
            credentials_secret_arn=read.text("ALIPAY_CREDENTIALS_SECRET_ARN"),
            payment_timeouts_queue_url=read.checked("PAYMENT_TIMEOUTS_QUEUE_URL", _queue_url),
            payment_timeouts_dlq_url=read.checked("PAYMENT_TIMEOUTS_DLQ_URL", _queue_url),
            tracker_state_machine_arn=read.checked("TRACKER_STATE_MACHINE_ARN", _state_machine_arn),
            outcome_bus_name=read.text("OUTCOME_BUS_NAME"),
            # A longer wait would break the interval of 5 to 10 s of the payments beside it.
            gateway_timeout=read.seconds("GATEWAY_TIMEOUT_SECONDS", default=8, most=8),
            slow_retry_initial=read.seconds("SLOW_RETRY_INITIAL_SECONDS", default=60, least=least),
            slow_retry_max=read.seconds("SLOW_RETRY_MAX_SECONDS", default=900, least=least),
            signing_key_arn=read.optional("ALIPAY_SIGNING_KEY_ARN", _kms_key_arn),
            corrected=tuple(read.corrected),
        )
        if settings.slow_retry_initial > settings.slow_retry_max:
            read.faults.append("SLOW_RETRY_INITIAL_SECONDS is above SLOW_RETRY_MAX_SECONDS")
        if read.faults:
            raise SettingsError(
                "the function's settings are not usable: "
                + "; ".join(read.faults)
                + ". Correct the parameters of the stack and deploy it again."
            )
        return settings


class _Reader:
    """Collects faults instead of stopping at the first."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.faults: list[str] = []
        self.corrected: list[str] = []

    def text(self, name: str) -> str:
        value = self._environment.get(name, "").strip()
        if not value:
            self.faults.append(f"{name} is missing")
        return value

    def checked(self, name: str, check: Callable[[str], str]) -> str:
        value = self.text(name)
        if not value:
            return value
        try:
            return check(value)
        except ValueError as error:
            self.faults.append(f"{name} {error}")
            return value

    def optional(self, name: str, check: Callable[[str], str]) -> str | None:
        return self.checked(name, check) if self._environment.get(name, "").strip() else None

    def seconds(
        self, name: str, *, default: float, least: float = 0.0, most: float = 43_200
    ) -> timedelta:
        # 43,200 s: the longest visibility timeout that SQS accepts.
        value = self._environment.get(name, "").strip() or str(default)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not 0 < number <= most:
            self.faults.append(f"{name} must be a number of seconds above 0, at most {most:g}")
            number = default
        if number < least:
            self.corrected.append(f"{name} is {number:g}; {least:g} is used")
            number = least
        return timedelta(seconds=number)


def _gateway_url(value: str, *, http_allowed: bool) -> str:
    form = "must be scheme, host and port only, as in https://open-sea-global.alipayplus.com"
    parts = urlsplit(value)
    host = parts.hostname or ""
    # What a URL may hold beside these (zone ids, percent signs, other alphabets) no certificate
    # names, and httpx reads some of it otherwise.
    if parts.scheme not in {"https", "http"} or not _HOST.fullmatch(host) or parts.port == 0:
        raise ValueError(form)
    if (":" in host) != ("[" in parts.netloc):
        raise ValueError(form)
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or a password")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(form)
    if parts.scheme == "http" and not (http_allowed or _is_loopback(value)):
        raise ValueError(
            "must be https; http is for a loopback address or under sam local invoke only"
        )
    host.encode("idna")  # refuses labels that are empty or too long
    return f"{parts.scheme}://{parts.netloc}"


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _queue_url(value: str) -> str:
    if urlsplit(value).scheme not in {"https", "http"}:
        raise ValueError("must be the URL of a queue, not its name or ARN")
    return value


def _state_machine_arn(value: str) -> str:
    if ":stateMachine:" not in value:
        raise ValueError("must be the ARN of a state machine")
    return value


def _kms_key_arn(value: str) -> str:
    if ":kms:" not in value or ":key/" not in value:
        raise ValueError("must be the ARN of a KMS key, not of an alias")
    return value
