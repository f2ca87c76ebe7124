"""The cutoff: before 00:15 UTC+8 of the day after the UTC+8 date of the payment."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cancel_payment.window import cutoff_of, format_moment, parse_moment
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cases import UTC_8


@pytest.mark.parametrize(
    ("created", "cutoff"),
    [
        ("2026-11-22T12:00:00+08:00", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T00:00:00+08:00", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T23:59:59.999999+08:00", "2026-11-23T00:15:00+08:00"),
        ("2026-11-23T00:00:00+08:00", "2026-11-24T00:15:00+08:00"),
        ("2026-11-23T00:14:59+08:00", "2026-11-24T00:15:00+08:00"),
        ("2026-11-22T15:59:59Z", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T16:00:00Z", "2026-11-24T00:15:00+08:00"),
        ("2026-11-22T11:00:00-05:00", "2026-11-24T00:15:00+08:00"),
        ("2026-11-23T05:29:59+13:30", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T21:30:00+05:30", "2026-11-24T00:15:00+08:00"),
        ("2026-12-31T16:00:00Z", "2027-01-02T00:15:00+08:00"),
        ("2026-12-31T23:59:59+08:00", "2027-01-01T00:15:00+08:00"),
        ("2028-02-28T23:59:59+08:00", "2028-02-29T00:15:00+08:00"),
        ("2027-02-28T23:59:59+08:00", "2027-03-01T00:15:00+08:00"),
    ],
)
def test_window_closes_at_a_quarter_past_midnight_utc_8_of_the_next_day(
    created: str, cutoff: str
) -> None:
    assert cutoff_of(datetime.fromisoformat(created)) == datetime.fromisoformat(cutoff)
    assert cutoff_of(parse_moment(created)) == datetime.fromisoformat(cutoff)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_window_is_never_shorter_than_15_minutes_nor_longer_than_a_day_and_15_minutes(
    local: datetime,
) -> None:
    created = local.replace(tzinfo=UTC_8)
    assert timedelta(minutes=15) < cutoff_of(created) - created <= timedelta(days=1, minutes=15)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T12:00:00",
        "2026-11-22",
        "12:00:00+08:00",
        "1795320000000",
        "",
        "yesterday",
        "2026-02-30T12:00:00Z",
        "2026-11-22T25:00:00Z",
        "2026-11-22T12:00:00+25:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-11-22x12:00:00+08:00",
        "2026-11-22\x0012:00:00+08:00",
        "2026-11-22\ud80012:00:00+08:00",
    ],
)
def test_moment_that_is_no_iso_8601_with_an_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(text)


def test_last_day_of_the_calendar_has_no_next_day() -> None:
    with pytest.raises(OverflowError):
        cutoff_of(parse_moment("9999-12-31T12:00:00+08:00"))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-11-22T16:00:00+00:00", "2026-11-23T00:00:00.000+08:00"),
        ("2026-11-22T12:00:00.123456+08:00", "2026-11-22T12:00:00.123+08:00"),
    ],
)
def test_moments_are_written_with_the_offset_of_the_cutoff(moment: str, text: str) -> None:
    assert format_moment(datetime.fromisoformat(moment)) == text
