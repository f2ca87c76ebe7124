"""The stand-in's one clock, and the two things it says: what time it is, how to write it.

Everything here reads `time.time`, so that a clock that is speeded up from outside (libfaketime)
speeds up the whole stand-in. No other module of the stand-in asks for the time.
"""

import re
import time
from datetime import UTC, datetime, timedelta, timezone
from datetime import time as time_of_day

GATEWAY_ZONE = timezone(timedelta(hours=8))
_ISO_8601_WITH_OFFSET = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


def log_form(moment: datetime) -> str:
    """Write a moment for the log: UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wire_form(moment: datetime) -> str:
    """Write a moment as Response-Time shows it: ISO 8601 with offset."""
    return moment.astimezone(GATEWAY_ZONE).isoformat(timespec="seconds")


def read(text: str) -> datetime:
    """Read an ISO 8601 date and time that has an offset.

    Raises
    ------
    ValueError
        The text has another form, or names a moment that does not exist.
    """
    if not _ISO_8601_WITH_OFFSET.fullmatch(text):
        raise ValueError("not an ISO 8601 date and time with offset")
    return datetime.fromisoformat(text).astimezone(UTC)


def cutoff(initiated_at: datetime) -> datetime:
    """Return the first moment at which a payment can no longer be cancelled.

    "From the time when the transaction is initiated to 00:15 UTC+8 of T+1", T being the UTC+8
    calendar date of `initiated_at`; 00:15:00.000 itself is too late. Source:
    docs.alipayplus.com/alipayplus/alipayplus/integration_cashier_acq_tile/cancel_payment.
    """
    next_day = initiated_at.astimezone(GATEWAY_ZONE).date() + timedelta(days=1)
    return datetime.combine(next_day, time_of_day(0, 15), GATEWAY_ZONE)
