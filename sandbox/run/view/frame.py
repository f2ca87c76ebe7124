"""One frame of the terminal view: a track on a time axis for each kind of payment, and what it
waits for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sandbox.run.attempt import attempts
from sandbox.run.cases import Case, rows
from sandbox.run.progress import Progress
from sandbox.run.verdict import ended
from sandbox.run.view.marks import OUTCOME_STYLES, legend
from sandbox.run.view.timeline import Axis
from sandbox.run.waiting import State, state

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
) -> Group:
    """Draw what was seen by `now` for a terminal of that width."""
    name, words = (24, 42) if width >= _WIDE else (22, 27)
    cells = max(10, width - name - words - _COUNT - 3)
    axis = Axis(cells, began, now)

    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=name, no_wrap=True, overflow="ellipsis")
    table.add_column(width=_COUNT, justify="right", style="dim")
    table.add_column(width=cells, no_wrap=True, overflow="crop")
    table.add_column(width=words, no_wrap=True, overflow="ellipsis")
    labels, line = axis.ruler()
    table.add_row("", "", labels, "")
    table.add_row("", Text("n", "dim"), line, Text("what it waits for", "dim"))
    for row, its_cases in rows(cases).items():
        made = [attempt for case in its_cases for attempt in attempts(progress[case.id])]
        moving = any(not ended(case, progress[case.id]) for case in its_cases)
        states = [state(progress[case.id], now, timeout_seconds) for case in its_cases]
        title = Text(row, "" if moving else "dim")
        track = axis.track(made, moving=moving)
        table.add_row(title, str(len(made) or ""), track, _status(states))
    done = sum(ended(case, progress[case.id]) for case in cases)
    requests = sum(len(progress[case.id].sends) for case in cases)
    heading = Text.assemble(
        (f"{axis.passed:3.0f} s", "bold"),
        f"   {done} of {len(cases)} payments have ended",
        (f"   {requests} requests", "dim"),
    )
    return Group(heading, table, legend())


def _status(states: Sequence[State]) -> Text:
    if len(states) == 1:
        return Text(states[0].words, OUTCOME_STYLES.get(states[0].outcome, ""))
    outcomes = Counter(one.outcome for one in states if not one.open)
    if sum(outcomes.values()) < len(states):
        return Text(f"{sum(outcomes.values())} of {len(states)} have ended")
    parts = [
        Text(f"{number} {outcome.lower().replace('_', ' ')}", OUTCOME_STYLES.get(outcome, ""))
        for outcome, number in outcomes.items()
    ]
    return Text(", ").join(parts)
