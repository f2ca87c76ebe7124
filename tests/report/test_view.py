"""The terminal view: its time axis, that it fits, what it shows first, and its picture."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from sandbox.run.attempt import Kind
from sandbox.run.cases import cases
from sandbox.run.progress import Progress
from sandbox.run.view.ending import ending
from sandbox.run.view.frame import frame
from sandbox.run.view.live import View
from sandbox.run.view.marks import LOOKS
from sandbox.run.view.picture import draw
from sandbox.run.view.rows import fit
from sandbox.run.view.timeline import Point, place, ruler, span, track
from tests.report.seen import (
    BEGAN,
    TIMEOUT_SECONDS,
    at,
    cancelled,
    case,
    note,
    outcome,
    run,
    send,
)

CASES = cases(BEGAN)
MOVING = Progress(
    sends=[send(1, "U", "UNKNOWN_EXCEPTION")], notes=[note(1, "RE_QUEUE", next_second=9)]
)


def screen(chosen, progress, *, width=80, height=24, now=5.0):
    """What a terminal of that size shows, line by line."""
    console = Console(width=width, height=height, file=io.StringIO(), force_terminal=True)
    drawn = frame(chosen, progress, BEGAN, at(now), TIMEOUT_SECONDS, width=width, height=height)
    lines = console.render_lines(drawn, pad=False)
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("height", [10, 24, 40, 60])
def test_a_frame_fits(width, height):
    progress = {one.id: cancelled() for one in CASES}
    lines = screen(CASES, progress, width=width, height=height)
    assert len(lines) < height
    assert max(len(line) for line in lines) <= width


def test_a_tall_terminal_has_a_row_for_every_payment_and_a_low_one_for_every_kind():
    progress = {one.id: cancelled() for one in CASES}
    tall, low = (screen(CASES, progress, height=height) for height in (40, 24))
    assert sum("SUCCEEDS-batch-" in line for line in tall) == 20
    assert sum("20 at once" in line and "20 cancelled" in line for line in low) == 1


def test_no_name_is_cut_on_a_narrow_terminal():
    lines = screen(CASES, {one.id: Progress() for one in CASES}, width=80, height=24)
    assert all(any(line.startswith(one.row) for line in lines) for one in CASES)


def test_where_not_all_fit_those_that_still_move_come_first():
    chosen = [case(f"P-{number}") for number in range(30)]
    progress = {one.id: cancelled() for one in chosen}
    progress["P-27"] = MOVING
    lines = screen(chosen, progress, height=12)
    assert lines[3].startswith("P-27") and lines[3].endswith("visible again in 4 s")
    assert "… 24 more, 24 ended" in lines


def test_every_row_is_shown_or_counted():
    chosen = [case(f"P-{number}") for number in range(9)]
    for height in range(2, 12):
        shown, rest = fit(chosen, height, lambda one: one.id == "P-8")
        assert {row.name for row in [*shown, *rest]} == {one.id for one in chosen}
        assert len(shown) + bool(rest) <= height
        assert any(row.name == "P-8" for row in shown)


def test_the_title_counts_what_has_ended():
    title = screen([case("A"), case("B")], {"A": cancelled(), "B": MOVING})[0]
    assert title.split() == ["5", "s", "1", "of", "2", "payments", "have", "ended", "2", "requests"]


def test_without_a_terminal_each_change_is_a_line_and_nothing_else_is():
    output = io.StringIO()
    with View([case("P")], Console(file=output, width=180), BEGAN, TIMEOUT_SECONDS) as view:
        view.show({"P": Progress()})
        view.show({"P": MOVING})
        view.show({"P": MOVING})
        view.show({"P": cancelled()})
    said = [line.partition("s  ")[2] for line in output.getvalue().splitlines()]
    assert [line.split(", ")[:2] for line in said] == [
        ["P: 1 sent", "U UNKNOWN_EXCEPTION"],
        ["P: 1 sent", "S SUCCESS"],
    ]


def test_a_reason_that_looks_like_markup_is_shown_as_it_is():
    progress = {"P": Progress(outcomes=[outcome("CANCELLED", resultCode="[red]x[/nothing]")])}
    output = io.StringIO()
    console = Console(file=output, width=180)
    console.print(ending([case("P")], progress, console))
    assert "S [red]x[/nothing]" in output.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_the_final_table_says_what_is_wrong(width):
    progress = {"A": cancelled(), "B": Progress(sends=[send(1), send(7)])}
    output = io.StringIO()
    console = Console(file=output, width=width)
    console.print(ending([case("A"), case("B", "FAILED")], progress, console))
    said = output.getvalue()
    assert "\nB: outcomes none instead of FAILED\nB: 2 requests instead of 1\n" in said
    assert [said.count(word) for word in ("yes", "NO")] == [1, 1]
    assert max(len(line) for line in output.getvalue().splitlines()) <= width


def test_without_colours_every_mark_still_differs(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    output = io.StringIO()
    console = Console(file=output, width=80, force_terminal=True)
    console.print(
        frame([case("P")], {"P": MOVING}, BEGAN, at(5), TIMEOUT_SECONDS, width=80, height=24)
    )
    assert "○" in output.getvalue()
    # Bold and dim may stay; colours are 3x, 4x, 9x.
    codes = {
        code
        for part in output.getvalue().split("\x1b[")[1:]
        for code in part.split("m")[0].split(";")
    }
    assert codes <= {"0", "1", "2"}


# The time axis


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
    assert drawn(*points, now=9, moving=False)[5] == LOOKS[Kind.SUCCESS].mark


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
    assert len({look.mark for look in LOOKS.values()}) == len(LOOKS) == len(Kind)


# The picture

DOCS = Path(__file__).parents[2] / "docs"


def picture(path: Path) -> str:
    """The text of an SVG that asks no network for anything."""
    said = path.read_text()
    addresses = re.findall(r"""(?:https?:)?//[^\s"'<]+|url\([^#)]*\)""", said)
    assert addresses == ["http://www.w3.org/2000/svg"]  # a name, which nobody opens
    return "".join(ElementTree.fromstring(said).itertext()).replace("\xa0", " ")


def test_the_end_of_a_run_is_drawn(tmp_path):
    draw(run({"P": (case("P"), cancelled()), "Q": (case("Q"), MOVING)}), tmp_path / "run.svg")
    said = picture(tmp_path / "run.svg")
    assert "1 of 2 payments have ended" in said and "○" in said and "●" in said


def test_the_picture_in_the_documents_is_small_and_shows_the_cases_of_today():
    said = picture(DOCS / "run.svg")
    assert [one.row for one in CASES if one.row not in said] == []
    assert (DOCS / "run.svg").stat().st_size < 60_000
