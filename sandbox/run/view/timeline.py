"""The time axis of the terminal view: which mark stands in which cell.

Pure; everything in seconds since the run began.
"""

from collections.abc import Iterable
from datetime import datetime

from rich.text import Text

from sandbox.run.attempt import Attempt
from sandbox.run.view.marks import LOOKS

WAITS, HANGS, NOW, BLANK = "─", "━", "┊", " "
# The axis grows in these steps, so that the first seconds are not squeezed into a corner.
SPANS = (20, 40, 60, 80, 100, 120, 150, 180, 240, 300, 600, 1200, 1800, 3600)
_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
_LABEL_CELLS = 5


class Axis:
    """The axis of one frame.

    Parameters
    ----------
    width
        In cells.
    began, now
        Its zero, and the present moment.
    """

    def __init__(self, width: int, began: datetime, now: datetime) -> None:
        self._width, self._began = width, began
        self.passed = (now - began).total_seconds()
        self._length = next((one for one in SPANS if one >= self.passed), SPANS[-1])
        self._cursor = self._cell(self.passed)

    def track(self, made: Iterable[Attempt], *, moving: bool) -> Text:
        """Lay out the attempts of one row; a later one covers an earlier one in the same cell.

        `moving`: the row waits for something, so its line goes on to the present moment.
        """
        made = sorted(made, key=lambda one: one.began)
        cells = [(BLANK, "")] * self._width
        cells[self._cursor] = (NOW, "dim")
        if made:
            last = self._cursor if moving or not made[-1].ended else self._at(made[-1].began)
            for at in range(self._at(made[0].began), last):
                cells[at] = (WAITS, "dim")
        for one in made:
            mark, style, _ = LOOKS[one.kind]
            first = self._at(one.began)
            until = self._at(one.ended) if one.ended else self._cursor
            for at in range(first + 1, until + 1):
                cells[at] = (HANGS, style)
            cells[first] = (mark, style)
        return Text.assemble(*cells)

    def ruler(self) -> tuple[Text, Text]:
        """Its labels, and its line with the present moment on it."""
        width, length = self._width, self._length
        step = next((one for one in _STEPS if one / length * width >= _LABEL_CELLS), _STEPS[-1])
        labels = [BLANK] * (width + 2)
        line = ["─"] * width
        for tick in range(0, int(length), step):
            at = self._cell(tick)
            line[at] = "┬"
            labels[at : at + len(str(tick))] = str(tick)
        line[self._cursor] = "▼"
        drawn = Text("".join(line), "dim")
        drawn.stylize("bold not dim", self._cursor, self._cursor + 1)
        return Text("".join(labels)[:width].rstrip() + " s", "dim"), drawn

    def _at(self, moment: datetime) -> int:
        return self._cell((moment - self._began).total_seconds())

    def _cell(self, seconds: float) -> int:
        return max(0, min(self._width - 1, int(seconds / self._length * self._width)))
