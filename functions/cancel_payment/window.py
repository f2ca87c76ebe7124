"""The cancel window and how moments are read and written. Pure.

"A payment can be canceled before 00:15 UTC+8 of the T+1 day"
(docs.alipayplus.com/alipayplus/alipayplus/integration_cashier_acq_tile/cancel_payment).
The page does not define T; here it is the UTC+8 calendar date on which the ACQP initiated the
payment, the earlier of the two possible readings. The gateway has the last word by
``CANCEL_WINDOW_EXCEED``; this window only bounds our retries.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final

from cancel_payment.clock import UTC_PLUS_8

_CLOSES_AT: Final = time(0, 15)
_ISO_8601: Final = re.compile(
    r"([0-9]{4}-?(?:W[0-9]{2}-?[0-9]|[0-9]{2}-?[0-9]{2}))[T ]"
    r"([0-9]{2})(:?[0-9]{2})(?:(:?)([0-9]{2})([.,][0-9]+)?)?"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
)


def cutoff_of(create_time: datetime, first_attempt_at: datetime) -> datetime:
    """The first moment at which a payment can no longer be cancelled.

    Parameters
    ----------
    create_time
        When the ACQP initiated the payment. One that lies after the first attempt counts as the
        first attempt, so that no window is longer than a day and a quarter of an hour.

    Raises
    ------
    OverflowError
        The day after `create_time` cannot be expressed in the UTC+8 calendar.
    """
    closes_at = _closes_at(create_time)
    return closes_at if create_time <= first_attempt_at else _closes_at(first_attempt_at)


def parse_moment(text: str) -> datetime:
    """An ISO 8601 moment with an offset or ``Z``, in UTC+8.

    ``24:00:00``, a leap second (the next second), ``t`` and ``z`` (RFC 3339, section 5.6), and any
    number of fraction digits are read too.

    Raises
    ------
    ValueError
        Not ISO 8601, without an offset, or outside the calendar.
    """
    # fromisoformat takes any separator, a NUL behind the offset, and reads 20.5 h as 20:00:00.5;
    # and it does not know the hour 24 and the second 60.
    match = _ISO_8601.fullmatch(text.upper())
    if match is None:
        raise ValueError("not ISO 8601")
    date, hour, minute, colon, second, fraction, offset = (part or "" for part in match.groups())
    added = timedelta()
    if hour == "24":
        if (minute + second + fraction).strip(":.,0"):
            raise ValueError("later than 24:00:00")
        hour, added = "00", timedelta(days=1)
    if second == "60":
        second, added = "59", added + timedelta(seconds=1)
    moment = datetime.fromisoformat(
        f"{date}T{hour}{minute}{colon}{second}{fraction.replace(',', '.')}{offset}"
    )
    try:
        return (moment + added).astimezone(UTC_PLUS_8)
    except OverflowError:
        raise ValueError("outside the calendar") from None


def format_moment(moment: datetime) -> str:
    """ISO 8601 to the millisecond with ``+08:00``, so that it reads beside the cutoff."""
    return moment.astimezone(UTC_PLUS_8).isoformat(timespec="milliseconds")


def format_moment_utc(moment: datetime) -> str:
    """ISO 8601 to the millisecond with ``Z``, the form of a Wait state's ``Timestamp``."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"


def _closes_at(moment: datetime) -> datetime:
    t = moment.astimezone(UTC_PLUS_8).date()
    return datetime.combine(t + timedelta(days=1), _CLOSES_AT, UTC_PLUS_8)
