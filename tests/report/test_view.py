"""The terminal view: it fits, shows what still moves and what is wrong, and can be drawn."""

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
from sandbox.run.view.picture import draw
from sandbox.run.view.timeline import Point, track
from tests.report.seen import BEGAN, TIMEOUT_SECONDS, at, cancelled, case, note, outcome, run, send

CASES = cases(BEGAN)
DOCS = Path(__file__).parents[2] / "docs"
MOVING = Progress(
    sends=[send(1, "U", "UNKNOWN_EXCEPTION")], notes=[note(1, "RE_QUEUE", next_second=9)]
)


def screen(chosen, progress, *, width=80, height=24):
    """What a terminal of that size shows five seconds after the beginning, line by line."""
    console = Console(width=width, height=height, file=io.StringIO(), force_terminal=True)
    drawn = frame(chosen, progress, BEGAN, at(5), TIMEOUT_SECONDS, width=width, height=height)
    lines = console.render_lines(drawn, pad=False)
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


@pytest.mark.parametrize(("width", "height"), [(60, 10), (80, 24), (200, 60)])
def test_a_frame_fits(width, height):
    progress = {one.id: cancelled() for one in CASES}
    lines = screen(CASES, progress, width=width, height=height)
    assert len(lines) < height
    assert max(len(line) for line in lines) <= width


def test_where_not_all_fit_those_that_still_move_come_first_and_the_others_are_counted():
    chosen = [case(f"P-{number}") for number in range(30)]
    progress = {one.id: cancelled() for one in chosen} | {"P-27": MOVING}
    lines = screen(chosen, progress, height=12)
    assert lines[0].split()[2:6] == ["29", "of", "30", "payments"]
    assert lines[3].startswith("P-27") and lines[3].endswith("visible again in 4 s")
    assert "… 24 more, 24 ended" in lines


def test_without_a_terminal_each_change_is_a_line_and_nothing_else_is():
    output = io.StringIO()
    with View([case("P")], Console(file=output, width=180), BEGAN, TIMEOUT_SECONDS) as view:
        for seen in (Progress(), MOVING, MOVING, cancelled()):
            view.show({"P": seen})
    said = [line.partition("s  ")[2] for line in output.getvalue().splitlines()]
    assert [line.split(", ")[:2] for line in said] == [
        ["P: 1 sent", "U UNKNOWN_EXCEPTION"],
        ["P: 1 sent", "S SUCCESS"],
    ]


def test_the_final_table_says_what_is_wrong_and_shows_markup_as_it_is():
    progress = {
        "A": Progress(sends=[send(1)], outcomes=[outcome("CANCELLED", resultCode="[red]x[/no]")]),
        "B": Progress(sends=[send(1), send(7)]),
    }
    output = io.StringIO()
    console = Console(file=output, width=100)
    console.print(ending([case("A"), case("B", "FAILED")], progress, console))
    said = output.getvalue()
    assert "\nB: outcomes none instead of FAILED\nB: 2 requests instead of 1\n" in said
    assert [said.count(word) for word in ("yes", "NO", "S [red]x[/no]")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("points", "line"),
    [
        ([Point(2, 2.1, Kind.UNKNOWN), Point(9, 9.1, Kind.UNKNOWN)], "  ○──────○────┊     "),
        ([Point(2, 10, Kind.NO_ANSWER)], "  ✕━━━━━━━━───┊     "),
        ([Point(10, None, Kind.OPEN)], "          ◐━━━━     "),
        ([Point(5.1, 5.2, Kind.UNKNOWN), Point(5.8, 5.9, Kind.SUCCESS)], "     ●────────┊     "),
        ([Point(-0.3, 0.1, Kind.UNKNOWN), Point(20.5, 20.6, Kind.SUCCESS)], "○─────────────┊    ●"),
    ],
)
def test_marks_stand_at_their_second_and_the_line_goes_on_to_now(points, line):
    """One cell a second, twenty of them."""
    cells = track(points, 20, 20.0, 14, moving=True)
    assert "".join(cell.character for cell in cells) == line


def picture(path: Path) -> str:
    """The text of an SVG that asks no network for anything."""
    said = path.read_text()
    addresses = re.findall(r"""(?:https?:)?//[^\s"'<]+|url\([^#)]*\)""", said)
    assert addresses == ["http://www.w3.org/2000/svg"]  # a name, which nobody opens
    return "".join(ElementTree.fromstring(said).itertext()).replace("\xa0", " ")


def test_the_end_of_a_run_is_drawn_and_the_one_in_the_documents_shows_the_cases_of_today(tmp_path):
    draw(run({"P": (case("P"), cancelled()), "Q": (case("Q"), MOVING)}), tmp_path / "run.svg")
    said = picture(tmp_path / "run.svg")
    assert "1 of 2 payments have ended" in said and "○" in said and "●" in said
    shown = picture(DOCS / "run.svg")
    assert [one.row for one in CASES if one.row not in shown] == []
    assert (DOCS / "run.svg").stat().st_size < 60_000
