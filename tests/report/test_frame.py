"""The terminal view: that it fits, what it shows first, and what it says without a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from sandbox.run.cases import cases
from sandbox.run.progress import Progress
from sandbox.run.view.ending import ending
from sandbox.run.view.frame import frame
from sandbox.run.view.live import View
from sandbox.run.view.rows import fit
from tests.report.seen import (
    BEGAN,
    TIMEOUT_SECONDS,
    at,
    cancelled,
    case,
    note,
    outcome,
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
    for room in range(2, 12):
        shown, rest = fit(chosen, room, lambda one: one.id == "P-8")
        assert {row.name for row in [*shown, *rest]} == {one.id for one in chosen}
        assert len(shown) + bool(rest) <= room
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
