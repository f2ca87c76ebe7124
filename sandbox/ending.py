"""How a run ended: the final table, with a reason for each end."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox.attempt import attempts
from sandbox.cases import Case
from sandbox.marks import KIND_STYLES, MARKS, OUTCOME_STYLES
from sandbox.progress import Progress
from sandbox.rows import Row, together
from sandbox.verdict import faults
from sandbox.waiting import DEAD_LETTER, OPEN, reason

_WIDE = 100
_MOST_MARKS = 20


def table(cases: Sequence[Case], progress: Mapping[str, Progress], console: Console) -> Table:
    """Return a row for each kind of payment."""
    wide = console.width >= _WIDE
    found = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", expand=False)
    found.add_column("payment", min_width=22, overflow="fold")
    found.add_column("requests", overflow="fold")
    if wide:
        found.add_column("carried by", overflow="fold")
    found.add_column("outcome", overflow="fold")
    found.add_column("why", overflow="fold")
    found.add_column("as it should", overflow="fold")
    for row in together(cases):
        seen = [progress[case.id] for case in row.cases]
        cells = [Text(row.name), _marks(seen)]
        if wide:
            carriers = dict.fromkeys("tracker" if one.trackers else "queue" for one in seen)
            cells.append(Text(", ".join(carriers)))
        cells += [_outcomes(seen), _reasons(seen), _faults(row, progress)]
        found.add_row(*cells)
    return found


def _marks(seen: Sequence[Progress]) -> Text:
    made = [attempt for one in seen for attempt in attempts(one)]
    text = Text()
    for attempt in made[:_MOST_MARKS]:
        text.append(MARKS[attempt.kind], KIND_STYLES[attempt.kind])
    return text.append("…", "dim") if len(made) > _MOST_MARKS else text


def _outcomes(seen: Sequence[Progress]) -> Text:
    names = [_outcome(one) for one in seen]
    parts = [
        Text(
            name if len(seen) == 1 else f"{names.count(name)} {name}", OUTCOME_STYLES.get(name, "")
        )
        for name in dict.fromkeys(names)
    ]
    return Text(", ").join(parts)


def _outcome(one: Progress) -> str:
    if one.outcomes:
        return str(one.details[-1]["outcome"])
    return DEAD_LETTER if one.dead_letters else OPEN


def _reasons(seen: Sequence[Progress]) -> Text:
    return Text("; ".join(dict.fromkeys(filter(None, map(reason, seen)))), "dim")


def _faults(row: Row, progress: Mapping[str, Progress]) -> Text:
    wrong = [fault for case in row.cases for fault in faults(case, progress[case.id])]
    if not wrong:
        return Text("yes", "green")
    return Text("; ".join(dict.fromkeys(wrong)), "bold red")
