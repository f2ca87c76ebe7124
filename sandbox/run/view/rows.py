"""Which rows the terminal view shows where there are only so many lines: pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.run.cases import Case


@dataclass(frozen=True, slots=True)
class Row:
    """One payment, or several that are shown as one."""

    name: str
    cases: tuple[Case, ...]


def alone(cases: Sequence[Case]) -> list[Row]:
    """Return a row for each payment."""
    shared = {case.row for case in cases if sum(case.row == other.row for other in cases) > 1}
    return [Row(case.id if case.row in shared else case.row, (case,)) for case in cases]


def together(cases: Sequence[Case]) -> list[Row]:
    """Return a row for each kind of payment."""
    names = dict.fromkeys(case.row for case in cases)
    return [Row(name, tuple(case for case in cases if case.row == name)) for name in names]


def fit(
    cases: Sequence[Case], lines: int, moving: Callable[[Case], bool]
) -> tuple[list[Row], list[Row]]:
    """Choose the rows for a terminal with so many lines.

    Each payment has its own if that fits; else those of a kind share one; and if that is still
    too much, those that still move come first.

    Returns
    -------
    tuple
        The rows to show, and the rest; where there is a rest, one line is left free to say so.
    """
    for rows in (alone(cases), together(cases)):
        if len(rows) <= lines:
            return rows, []
    rows.sort(key=lambda row: not any(moving(case) for case in row.cases))
    shown = max(1, lines - 1)
    return rows[:shown], rows[shown:]
