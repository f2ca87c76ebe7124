"""One frame of the terminal view: each payment's track on a time axis, and what it waits for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sandbox.run.attempt import Attempt, attempts
from sandbox.run.cases import Case
from sandbox.run.progress import Progress
from sandbox.run.verdict import ended
from sandbox.run.view.marks import LOOKS, OUTCOME_STYLES, legend
from sandbox.run.view.rows import Row, fit
from sandbox.run.view.timeline import BLANK, Cell, Point, ruler, span, track
from sandbox.run.waiting import State, state

# Title, the axis's two lines, legend, and the line on which the cursor rests.
_OTHER_LINES = 5
_WIDE = 100
_COUNT = 2


def frame(
    cases: Sequence[Case],
    progress: Mapping[str, Progress],
    began: datetime,
    now: datetime,
    timeout_seconds: float,
    *,
    width: int,
    height: int,
) -> Group:
    """Draw what was seen by `now` for a terminal of that size."""
    name, words = (24, 42) if width >= _WIDE else (22, 27)
    axis = max(10, width - name - words - _COUNT - 3)
    passed = (now - began).total_seconds()
    length = span(passed)
    shown, rest = fit(cases, height - _OTHER_LINES, lambda case: _moves(case, progress))

    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=name, no_wrap=True, overflow="ellipsis")
    table.add_column(width=_COUNT, justify="right", style="dim")
    table.add_column(width=axis, no_wrap=True, overflow="crop")
    table.add_column(width=words, no_wrap=True, overflow="ellipsis")
    labels, line = ruler(axis, length, passed)
    table.add_row("", "", Text(labels, "dim"), "")
    cursor = line.index("▼")
    drawn = Text(line, "dim")
    drawn.stylize("bold not dim", cursor, cursor + 1)
    table.add_row("", Text("n", "dim"), drawn, Text("what it waits for", "dim"))
    for row in shown:
        made = [attempt for case in row.cases for attempt in attempts(progress[case.id])]
        moving = any(_moves(case, progress) for case in row.cases)
        cells = track(_points(made, began), axis, length, passed, moving=moving)
        status = _status(row, progress, now, timeout_seconds)
        title = Text(row.name, "" if moving else "dim")
        table.add_row(title, str(len(made) or ""), _drawn(cells), status)
    if rest:
        done = sum(not _moves(case, progress) for row in rest for case in row.cases)
        number = sum(len(row.cases) for row in rest)
        table.add_row(Text(f"… {number} more, {done} ended", "dim"), "", "", "")
    return Group(_title(cases, progress, passed), table, legend())


def _title(cases: Sequence[Case], progress: Mapping[str, Progress], passed: float) -> Text:
    done = sum(not _moves(case, progress) for case in cases)
    requests = sum(len(progress[case.id].sends) for case in cases)
    return Text.assemble(
        (f"{passed:3.0f} s", "bold"),
        f"   {done} of {len(cases)} payments have ended",
        (f"   {requests} requests", "dim"),
    )


def _moves(case: Case, progress: Mapping[str, Progress]) -> bool:
    return not ended(case, progress[case.id])


def _points(made: Sequence[Attempt], began: datetime) -> list[Point]:
    points = [
        Point(
            (one.began - began).total_seconds(),
            (one.ended - began).total_seconds() if one.ended else None,
            one.kind,
        )
        for one in made
    ]
    return sorted(points, key=lambda point: point.began)


def _drawn(cells: Sequence[Cell]) -> Text:
    text = Text()
    for cell in cells:
        dim = "" if cell.character == BLANK else "dim"
        text.append(cell.character, LOOKS[cell.kind].style if cell.kind else dim)
    return text


def _status(
    row: Row, progress: Mapping[str, Progress], now: datetime, timeout_seconds: float
) -> Text:
    states = [state(progress[case.id], now, timeout_seconds) for case in row.cases]
    if len(states) == 1:
        return _styled(states[0], states[0].words)
    outcomes = Counter(one.outcome for one in states if not one.open)
    if sum(outcomes.values()) < len(states):
        return Text(f"{sum(outcomes.values())} of {len(states)} have ended")
    parts = [
        _styled(next(one for one in states if one.outcome == outcome), words)
        for outcome, number in outcomes.items()
        if (words := f"{number} {outcome.lower().replace('_', ' ')}")
    ]
    return Text(", ").join(parts)


def _styled(one: State, words: str) -> Text:
    return Text(words, OUTCOME_STYLES.get(one.outcome, ""))
