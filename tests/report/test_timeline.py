"""Where the marks of the terminal view stand on its time axis."""

from __future__ import annotations

import pytest

from sandbox.run.attempt import Kind
from sandbox.run.view.marks import MARKS
from sandbox.run.view.timeline import Point, place, ruler, span, track


def drawn(*points: Point, now: float, moving: bool = True) -> str:
    """One cell a second, twenty of them."""
    return "".join(cell.character for cell in track(points, 20, 20.0, now, moving=moving))


def test_marks_stand_at_their_second_and_the_line_goes_on_to_now():
    points = [Point(2, 2.1, Kind.UNKNOWN), Point(9, 9.1, Kind.UNKNOWN)]
    assert drawn(*points, now=14) == "  ○──────○────┊     "


def test_a_payment_that_has_ended_has_no_line_after_its_last_attempt():
    points = [Point(2, 2.1, Kind.UNKNOWN), Point(9, 9.1, Kind.SUCCESS)]
    assert drawn(*points, now=14, moving=False) == "  ○──────●    ┊     "


def test_a_request_that_hangs_is_as_long_as_it_hung():
    assert drawn(Point(2, 10, Kind.NO_ANSWER), now=14) == "  ✕━━━━━━━━───┊     "


def test_a_request_in_flight_reaches_to_now():
    assert drawn(Point(10, None, Kind.OPEN), now=14) == "          ◐━━━━     "


def test_of_two_attempts_in_one_cell_the_later_is_seen():
    points = [Point(5.1, 5.2, Kind.UNKNOWN), Point(5.8, 5.9, Kind.SUCCESS)]
    assert drawn(*points, now=9, moving=False)[5] == MARKS[Kind.SUCCESS]


def test_nothing_is_lost_at_the_edges():
    points = [Point(-0.3, 0.1, Kind.UNKNOWN), Point(20.5, 20.6, Kind.SUCCESS)]
    row = drawn(*points, now=20.7)
    assert (len(row), row[0], row[-1]) == (20, "○", "●")


@pytest.mark.parametrize(
    ("now", "seconds"), [(0, 20), (20, 20), (20.1, 40), (77, 80), (9999, 3600)]
)
def test_the_axis_grows_with_the_run(now, seconds):
    assert span(now) == seconds


@pytest.mark.parametrize("width", [10, 26, 43, 120])
@pytest.mark.parametrize("now", [0, 3, 39, 77, 1000])
def test_the_ruler_shows_now_and_fits(width, now):
    labels, line = ruler(width, span(now), now)
    assert len(labels) <= width and len(line) == width
    assert line.index("▼") == place(now, width, span(now))
    assert labels.startswith("0")


def test_a_label_stands_over_its_tick():
    labels, line = ruler(40, 20.0, 19)
    assert all(line[labels.index(tick)] == "┬" for tick in ("0", "5", "10", "15"))


def test_every_kind_has_a_mark_of_its_own():
    assert len(set(MARKS.values())) == len(MARKS) == len(Kind)
