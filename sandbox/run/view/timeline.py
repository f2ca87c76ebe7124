"""The time axis of the terminal view, as layout only: which mark stands in which cell.

Pure: seconds since the run began in, cells out; `sandbox.run.view.live` colours them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.run.attempt import Kind
from sandbox.run.view.marks import LOOKS

WAITS, HANGS, NOW, BLANK = "─", "━", "┊", " "
# The axis grows in these steps, so that the first seconds are not squeezed into a corner.
SPANS = (20, 40, 60, 80, 100, 120, 150, 180, 240, 300, 600, 1200, 1800, 3600)
_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
_LABEL_CELLS = 5


@dataclass(frozen=True, slots=True)
class Point:
    """One attempt on the axis, in seconds; `ended` is None while it is in flight."""

    began: float
    ended: float | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Cell:
    """One character; `kind` is the attempt that it belongs to, if it belongs to one."""

    character: str
    kind: Kind | None = None


def span(now: float) -> float:
    """Return how many seconds the axis has when it is `now`."""
    return next((one for one in SPANS if one >= now), SPANS[-1])


def place(seconds: float, width: int, length: float) -> int:
    """Return the cell in which a moment lies."""
    return max(0, min(width - 1, int(seconds / length * width)))


def track(
    points: Iterable[Point], width: int, length: float, now: float, *, moving: bool
) -> list[Cell]:
    """Lay out the attempts of one row.

    Parameters
    ----------
    points
        The oldest first; a later one covers an earlier one in the same cell.
    width, length
        Of the axis, in cells and in seconds.
    moving
        The row waits for something, so its line goes on to the present moment.
    """
    points = list(points)
    cursor = place(now, width, length)
    cells = [Cell(NOW if at == cursor else BLANK) for at in range(width)]
    if points:
        last = now if moving or points[-1].ended is None else points[-1].began
        for at in range(place(points[0].began, width, length), place(last, width, length)):
            cells[at] = Cell(WAITS)
    for point in points:
        first = place(point.began, width, length)
        until = place(now if point.ended is None else point.ended, width, length)
        for at in range(first + 1, until + 1):
            cells[at] = Cell(HANGS, point.kind)
        cells[first] = Cell(LOOKS[point.kind].mark, point.kind)
    return cells


def ruler(width: int, length: float, now: float) -> tuple[str, str]:
    """Return the axis: its labels, and its line with the present moment on it."""
    step = next((one for one in _STEPS if one / length * width >= _LABEL_CELLS), _STEPS[-1])
    ticks = range(0, int(length) + 1, step)
    labels = [BLANK] * (width + 2)
    line = ["─"] * width
    for tick in ticks:
        at = place(tick, width, length)
        if tick < length:
            line[at] = "┬"
            labels[at : at + len(str(tick))] = str(tick)
    line[place(now, width, length)] = "▼"
    text = "".join(labels)[:width].rstrip()
    unit = " s"
    return (text + unit if len(text) + len(unit) <= width else text), "".join(line)
