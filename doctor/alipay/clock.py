"""Three clocks: the gateway's, AWS's, which the function has, and this machine's. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

from doctor.alipay.gateway import Answer
from doctor.finding import Finding

SUBJECT = "clock"


def judge(answer: Answer, aws_ahead: float | None, tolerance: timedelta) -> Iterator[Finding]:
    """Compare them by the Date headers of the gateway and of AWS.

    Parameters
    ----------
    aws_ahead
        Seconds by which AWS's clock is ahead of this machine's.
    """
    gateway_ahead = ahead_of_here(answer)
    if gateway_ahead is None:
        yield Finding.unknown(
            SUBJECT,
            "could not be checked: the gateway's answer has no Date",
            "see that this machine's clock is synchronised, and ask Alipay+ about theirs",
        )
        return
    limit = tolerance.total_seconds()
    function_ahead = (aws_ahead or 0.0) - gateway_ahead
    if abs(function_ahead) > limit:
        yield Finding.wrong(
            SUBJECT,
            f"AWS's clock, which the function has, is {_off(function_ahead)} the gateway's "
            f"(tolerance {limit:g} s): Alipay+ may refuse each Request-Time",
            "AWS's clocks are synchronised: tell Alipay+. Against an emulated AWS, synchronise "
            "this machine (NTP: timedatectl set-ntp true; macOS: sntp -sS time.apple.com)",
        )
    elif abs(gateway_ahead) > limit:
        yield Finding.warning(
            SUBJECT,
            f"this machine is {_off(-gateway_ahead)} the gateway; AWS, and so the function, is not",
            "synchronise this machine (NTP: timedatectl set-ntp true; macOS: "
            "sntp -sS time.apple.com); from five minutes on, AWS refuses its requests",
        )
    else:
        yield Finding.ok(
            SUBJECT,
            f"within {limit:g} s of the gateway's (off by {abs(function_ahead):.0f} s)",
        )


def ahead_of_here(answer: Answer) -> float | None:
    """Seconds by which the gateway's clock is ahead of this machine's; None if it does not say."""
    if answer.date is None:
        return None
    try:
        said = parsedate_to_datetime(answer.date).timestamp()
        # An answer out of a cache is as old as its Age.
        age = float(answer.age or 0)
    except ValueError:
        return None
    # A date is cut off to the second: on average half a second is missing.
    return said + age + 0.5 - answer.at


def _off(seconds: float) -> str:
    return f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'}"
