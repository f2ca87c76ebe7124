"""The window: "before 00:15 UTC+8 of the T+1 day", T by the UTC+8 date of the payment.

Source: protocol.md, "The window".
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from cancel_payment import request
from cancel_payment.payment import CancelRequest, RejectedRecord
from hypothesis import example, given
from hypothesis import strategies as st

from tests.rules.line import UTC8, body, record

offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=offsets)


def read(created: str) -> CancelRequest | RejectedRecord:
    text = body({"paymentRequestId": "1"}, created)
    return request.read(
        record(text, message_id="m", receives=1, first_received=datetime(2026, 1, 1, tzinfo=UTC8))
    )


def cutoff(created: str) -> datetime:
    one = read(created)
    assert isinstance(one, CancelRequest)
    return one.cutoff_at


# By hand: the day of the payment in Shanghai, then a quarter past midnight of the next.
@pytest.mark.parametrize(
    ("created", "closes"),
    [
        ("2026-11-22T23:41:07+08:00", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T23:59:59.999999+08:00", "2026-11-23T00:15:00+08:00"),
        ("2026-11-23T00:00:00+08:00", "2026-11-24T00:15:00+08:00"),
        # Between midnight and a quarter past, the window of the day before is still open.
        ("2026-11-23T00:14:59+08:00", "2026-11-24T00:15:00+08:00"),
        ("2026-11-23T00:15:00+08:00", "2026-11-24T00:15:00+08:00"),
        # In UTC it is still the 22nd, in Shanghai already the 23rd: four in the afternoon.
        ("2026-11-22T15:59:59Z", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T16:00:00Z", "2026-11-24T00:15:00+08:00"),
        ("2026-11-22T21:29:59+05:30", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T21:30:00+05:30", "2026-11-24T00:15:00+08:00"),
        ("2026-11-22T08:00:00-08:00", "2026-11-24T00:15:00+08:00"),
        ("2026-11-23T03:59:59+12:00", "2026-11-23T00:15:00+08:00"),
        ("2026-12-31T23:00:00+08:00", "2027-01-01T00:15:00+08:00"),
        ("2028-02-28T12:00:00+08:00", "2028-02-29T00:15:00+08:00"),
        ("2027-02-28T12:00:00+08:00", "2027-03-01T00:15:00+08:00"),
    ],
)
def test_the_window_closes_a_quarter_past_midnight_in_shanghai(created: str, closes: str) -> None:
    assert cutoff(created) == datetime.fromisoformat(closes)


@given(moments)
@example(datetime(2026, 11, 22, 16, tzinfo=UTC))
def test_whatever_the_offset_the_cutoff_follows_the_utc_8_date(created: datetime) -> None:
    offset = created.utcoffset()
    assert offset is not None
    # Clocks in Shanghai, by subtraction alone.
    in_shanghai = created.replace(tzinfo=None) - offset + timedelta(hours=8)
    closes = datetime.combine(in_shanghai.date() + timedelta(days=1), time(0, 15))

    assert cutoff(created.isoformat()).replace(tzinfo=None) == closes
    assert cutoff(created.isoformat()).utcoffset() == timedelta(hours=8)


@given(moments)
def test_the_window_is_open_for_a_quarter_of_an_hour_to_a_day_more(created: datetime) -> None:
    left = cutoff(created.isoformat()) - created

    assert timedelta(minutes=15) < left <= timedelta(hours=24, minutes=15)


@given(moments, offsets)
def test_the_same_moment_in_another_offset_has_the_same_cutoff(
    created: datetime, offset: timezone
) -> None:
    assert cutoff(created.isoformat()) == cutoff(created.astimezone(offset).isoformat())


@pytest.mark.parametrize(
    "created",
    [
        "9999-12-31T12:00:00+08:00",
        "9999-12-31T23:00:00-08:00",
        "0001-01-01T00:00:00+14:00",
        "2026-02-29T12:00:00+08:00",
        "2026-11-22T12:00:00",
        "2026-11-22",
        "1795362067",
        "",
    ],
)
def test_a_create_time_that_fixes_no_window_is_refused(created: str) -> None:
    assert isinstance(read(created), RejectedRecord)
