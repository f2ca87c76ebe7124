"""The cancel window and the one format of moments. Pure.

"A payment can be canceled before 00:15 UTC+8 of the T+1 day"
(docs.alipayplus.com/alipayplus/alipayplus/integration_cashier_acq_tile/cancel_payment).
The page does not define T; here it is the UTC+8 calendar date on which the ACQP initiated the
payment, the earlier of the two possible readings. The gateway has the last word by
``CANCEL_WINDOW_EXCEED``; this window only bounds our retries.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone

UTC_PLUS_8 = timezone(timedelta(hours=8))

_CLOSES_AT = time(0, 15)
_ISO_8601 = re.compile(
    r"[0-9]{4}-?(W[0-9]{2}-?[0-9]|[0-9]{2}-?[0-9]{2})[T ]"
    r"[0-9]{2}:?[0-9]{2}(:?[0-9]{2}([.,][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
)


def cutoff_of(create_time: datetime) -> datetime:
    """The first moment at which a payment initiated at `create_time` can no longer be cancelled.

    Raises
    ------
    OverflowError
        The next day of the UTC+8 calendar cannot be expressed.
    """
    t = create_time.astimezone(UTC_PLUS_8).date()
    return datetime.combine(t + timedelta(days=1), _CLOSES_AT, UTC_PLUS_8)


def parse_moment(text: str) -> datetime:
    """An ISO 8601 moment with an offset or ``Z``, in UTC+8.

    Raises
    ------
    ValueError
        Not ISO 8601, without an offset, or outside the calendar.
    """
    # fromisoformat takes any separator, a NUL behind the offset, and reads 20.5 h as 20:00:00.5.
    if not _ISO_8601.fullmatch(text):
        raise ValueError("not ISO 8601")
    moment = datetime.fromisoformat(text)
    try:
        return moment.astimezone(UTC_PLUS_8)
    except OverflowError:
        raise ValueError("outside the calendar") from None


def format_moment(moment: datetime) -> str:
    """ISO 8601 to the millisecond with ``+08:00``, so that it reads beside the cutoff."""
    return moment.astimezone(UTC_PLUS_8).isoformat(timespec="milliseconds")
