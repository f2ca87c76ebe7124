"""How a run ended: the final table with a reason for each end, and what is not as it should be."""

from collections.abc import Mapping, Sequence

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from sandbox.run.attempt import attempts
from sandbox.run.cases import Case, rows
from sandbox.run.progress import Progress
from sandbox.run.verdict import faults
from sandbox.run.view.marks import LOOKS, OUTCOME_STYLES
from sandbox.run.waiting import outcome, reason

_WIDE = 100
_MOST_MARKS = 14


def ending(cases: Sequence[Case], progress: Mapping[str, Progress], console: Console) -> Group:
    """Return the table, a row for each kind of payment, and a line below it for each fault."""
    wrong = [
        Text(f"{case.id}: {fault}", "bold red")
        for case in cases
        for fault in faults(case, progress[case.id])
    ]
    return Group(_table(cases, progress, console), *([Text(), *wrong] if wrong else []))


def _table(cases: Sequence[Case], progress: Mapping[str, Progress], console: Console) -> Table:
    wide = console.width >= _WIDE
    found = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    found.add_column("payment", min_width=22, overflow="fold")
    found.add_column("requests", overflow="fold")
    if wide:
        found.add_column("carried by", overflow="fold")
    found.add_column("outcome", overflow="fold")
    found.add_column("why", overflow="fold")
    found.add_column("ok", overflow="fold")
    for row, its_cases in rows(cases).items():
        seen = [progress[case.id] for case in its_cases]
        cells = [Text(row), _marks(seen)]
        if wide:
            carriers = dict.fromkeys("tracker" if one.trackers else "queue" for one in seen)
            cells.append(Text(", ".join(carriers)))
        cells += [_outcomes(seen), _reasons(seen), _verdict(its_cases, progress)]
        found.add_row(*cells)
    return found


def _marks(seen: Sequence[Progress]) -> Text:
    kinds = [attempt.kind for one in seen for attempt in attempts(one)]
    if len(kinds) <= _MOST_MARKS:
        return Text.assemble(*(LOOKS[kind][:2] for kind in kinds))
    parts = [
        Text.assemble(LOOKS[kind][:2], f" x {kinds.count(kind)}") for kind in dict.fromkeys(kinds)
    ]
    return Text(" ").join(parts)


def _outcomes(seen: Sequence[Progress]) -> Text:
    names = [outcome(one) for one in seen]
    parts = [
        Text(
            name if len(seen) == 1 else f"{names.count(name)} {name}", OUTCOME_STYLES.get(name, "")
        )
        for name in dict.fromkeys(names)
    ]
    return Text(", ").join(parts)


def _reasons(seen: Sequence[Progress]) -> Text:
    return Text("; ".join(dict.fromkeys(filter(None, map(reason, seen)))), "dim")


def _verdict(cases: Sequence[Case], progress: Mapping[str, Progress]) -> Text:
    wrong = any(faults(case, progress[case.id]) for case in cases)
    return Text("NO", "bold red") if wrong else Text("yes", "green")
