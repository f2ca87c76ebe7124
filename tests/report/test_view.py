"""The terminal view: it fits, shows what still moves and what is wrong, and can be drawn."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from sandbox.run.cases import cases
from sandbox.run.progress import Progress
from sandbox.run.view.frame import frame
from sandbox.run.view.live import View
from sandbox.run.view.picture import draw
from tests.report.seen import BEGAN, TIMEOUT_SECONDS, at, cancelled, case, note, run, send

CASES = cases(BEGAN)
DOCS = Path(__file__).parents[2] / "docs"
MOVING = Progress(
    sends=[send(1, "U", "UNKNOWN_EXCEPTION")], notes=[note(1, "RE_QUEUE", next_second=9)]
)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_frame_fits_a_terminal_of_24_lines_and_says_what_still_moves(width):
    progress = {one.id: cancelled() for one in CASES} | {"UNKNOWN-2-a": MOVING}
    console = Console(width=width, height=24, file=io.StringIO(), force_terminal=True)
    drawn = frame(CASES, progress, BEGAN, at(5), TIMEOUT_SECONDS, width=width)
    lines = [
        "".join(segment.text for segment in line).rstrip()
        for line in console.render_lines(drawn, pad=False)
    ]
    assert len(lines) < 24
    assert max(len(line) for line in lines) <= width
    assert f" of {len(CASES)} payments have ended" in lines[0]
    [moving] = [line for line in lines if line.startswith("unknown twice, then S")]
    assert "○" in moving and moving.endswith("visible again in 4 s")


def test_without_a_terminal_each_change_is_a_line_and_nothing_else_is():
    output = io.StringIO()
    with View([case("P")], Console(file=output, width=180), BEGAN, TIMEOUT_SECONDS) as view:
        for seen in (Progress(), MOVING, MOVING, cancelled()):
            view.show({"P": seen})
    said = [line.partition("s  ")[2] for line in output.getvalue().splitlines()]
    assert [line.split(", ")[:2] for line in said if line][:2] == [
        ["P: 1 sent", "U UNKNOWN_EXCEPTION"],
        ["P: 1 sent", "S SUCCESS"],
    ]
    assert "1 of 1 payments have ended" in output.getvalue()


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
