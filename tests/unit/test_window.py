"""The cutoff, 00:15 UTC+8 of the day after, and the forms in which moments are read and written."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
import time_machine
from cancel_payment.clock import UTC_PLUS_8
from cancel_payment.window import cutoff_of, format_moment, format_moment_utc, parse_moment
from hypothesis import given
from hypothesis import strategies as st

AGES_LATER = datetime(9000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "cutoff"),
    [
        ("2026-11-22T00:00:00+08:00", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T23:59:59.999999+08:00", "2026-11-23T00:15:00+08:00"),
        ("2026-11-23T00:00:00+08:00", "2026-11-24T00:15:00+08:00"),
        ("2026-11-22T15:59:59Z", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T16:00:00Z", "2026-11-24T00:15:00+08:00"),
    ],
)
def test_window_closes_at_a_quarter_past_midnight_utc_8_of_the_next_day(
    created: str, cutoff: str
) -> None:
    assert cutoff_of(parse_moment(created), AGES_LATER) == datetime.fromisoformat(cutoff)


# The create time is read in UTC+8, the first attempt's comes from SQS in UTC.
CREATED, FIRST = (
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(zone))
    for zone in (UTC_PLUS_8, UTC)
)


@given(created=CREATED, first=FIRST)
def test_no_window_ends_later_than_a_day_and_a_quarter_of_an_hour_after_the_first_attempt(
    created: datetime, first: datetime
) -> None:
    opened = min(created, first)
    cutoff = cutoff_of(created, first)
    assert timedelta(minutes=15) < cutoff - opened <= timedelta(days=1, minutes=15)
    assert cutoff.timetz() == datetime(2026, 1, 1, 0, 15, tzinfo=UTC_PLUS_8).timetz()


def test_last_day_of_the_calendar_has_no_next_day() -> None:
    with pytest.raises(OverflowError):
        cutoff_of(parse_moment("9999-12-31T12:00:00+08:00"), AGES_LATER)


NOON = "2026-11-22T12:00:00+08:00"


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("2026-11-22T04:00:00Z", NOON),
        ("2026-11-22t04:00:00z", NOON),
        ("2026-11-22 12:00:00+08:00", NOON),
        ("2026-11-22T12:00+08", NOON),
        ("20261122T120000+0800", NOON),
        ("2026-W47-7T12:00:00+08:00", NOON),
        ("2026-11-22T12:00:00,5+08:00", "2026-11-22T12:00:00.5+08:00"),
        ("2026-11-22T12:00:00.123456789012+08:00", "2026-11-22T12:00:00.123456+08:00"),
        ("2026-11-22T24:00:00+08:00", "2026-11-23T00:00:00+08:00"),
        ("2026-11-22T24:00+08:00", "2026-11-23T00:00:00+08:00"),
        ("2026-11-22T24:00:00.000+08:00", "2026-11-23T00:00:00+08:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"),
    ],
)
def test_forms_of_iso_8601_and_rfc_3339_are_read(text: str, same_as: str) -> None:
    moment = parse_moment(text)
    assert moment == datetime.fromisoformat(same_as)
    assert moment.tzinfo == UTC_PLUS_8


@given(
    moment=st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)),
    minutes=st.sampled_from([480, 330, -210, 0, 840, -720, 1]),
    fraction=st.text("0123456789", max_size=30),
    separator=st.sampled_from("Tt "),
)
def test_any_moment_is_read_to_the_microsecond_in_any_offset(
    moment: datetime, minutes: int, fraction: str, separator: str
) -> None:
    whole = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    date, clock, offset = f"{whole:%Y-%m-%d}", f"{whole:%H:%M:%S}", whole.isoformat()[19:]
    text = date.zfill(10) + separator + clock + (f".{fraction}" if fraction else "") + offset
    assert parse_moment(text) - whole == timedelta(microseconds=int(fraction[:6].ljust(6, "0")))


# By the reason that the refusal gives; None where Python's own words stand.
REFUSED: dict[str | None, list[str]] = {
    "not ISO 8601": [
        *("2026-11-22T12:00:00", "2026-11-22", "2026-11-22+08:00", "12:00:00+08:00"),
        *("1795320000000", "", "yesterday", "2026-11-22x12:00:00+08:00", "10000-01-01T00:00:00Z"),
        *(f"2026-11-22{strange}12:00:00+08:00" for strange in "\x00\ud800"),
        *(f"2026-11-22T12:00:00+08:00{strange}" for strange in "\x00\n"),
        *("2026-11-22T20.5+08:00", "2026-11-22T12:+08:00", "2026-11-22T1255555Z"),
        *("2026-11-22T12:00:00,+08:00", "2026-11-22T12:00:00.+08:00", "२०२६-11-22T12:00:00Z"),
        "2026-11-22T12:00:00.123456789:99Z",
    ],
    "later than 24:00:00": [f"2026-11-22T{one}Z" for one in ("24:00:01", "24:01", "24:00:00.001")],
    "outside the calendar": [
        *("9999-12-31T23:59:60Z", "9999-12-31T24:00:00Z", "9999-12-31T23:59:59-12:00"),
        "0001-01-01T00:00:00+14:00",
    ],
    None: [
        *("2026-02-30T12:00:00Z", "2026-13-01T12:00:00Z", "2026-11-22T25:00:00Z"),
        *("2026-11-22T12:00:61Z", "2026-11-22T12:00:00+25:00"),
    ],
}


@pytest.mark.parametrize("reason", REFUSED)
def test_whatever_else_is_no_moment_and_the_refusal_says_why(reason: str | None) -> None:
    for text in REFUSED[reason]:
        with pytest.raises(ValueError) as refusal:
            parse_moment(text)
        assert reason in (None, str(refusal.value)), text


@given(st.text(max_size=40))
def test_no_text_makes_reading_a_moment_raise_anything_else(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_moment(text)


@given(
    moment=st.datetimes(
        datetime(1970, 1, 2),
        datetime(9998, 1, 1),
        timezones=st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours))),
    )
)
def test_what_is_written_is_read_back_to_the_millisecond(moment: datetime) -> None:
    for written in (format_moment(moment), format_moment_utc(moment)):
        assert timedelta(0) <= moment - parse_moment(written) < timedelta(milliseconds=1)


def test_moments_for_people_bear_the_cutoffs_offset_and_those_for_step_functions_z() -> None:
    """Whatever the time zone of the machine."""
    moment = datetime(2026, 11, 22, 16, 0, 0, 123_999, UTC)
    with time_machine.travel(moment.astimezone(ZoneInfo("America/New_York"))):
        assert format_moment(moment) == "2026-11-23T00:00:00.123+08:00"
        assert format_moment_utc(moment.astimezone(UTC_PLUS_8)) == "2026-11-22T16:00:00.123Z"
