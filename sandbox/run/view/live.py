"""The run while it goes on: a frame that moves on a terminal; elsewhere a line per change, and the
frame once in the end."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live

from sandbox.run.attempt import attempts
from sandbox.run.cases import Case, rows
from sandbox.run.progress import Progress
from sandbox.run.view.frame import frame
from sandbox.run.waiting import state

FRAMES_PER_SECOND = 5


class View:
    """Shows what it was given last; on a terminal the time goes on by itself.

    Parameters
    ----------
    began
        Zero of the time axis.
    timeout_seconds
        How long the function waits for the gateway.
    """

    def __init__(
        self, cases: Sequence[Case], console: Console, began: datetime, timeout_seconds: float
    ) -> None:
        self._cases = cases
        self._console = console
        self._began = began
        self._timeout = timeout_seconds
        self._progress: Mapping[str, Progress] = {case.id: Progress() for case in cases}
        self._printed: dict[str, object] = {}
        self._live = Live(
            console=console,
            get_renderable=self._frame,
            refresh_per_second=FRAMES_PER_SECOND,
            vertical_overflow="crop",
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()
        else:
            self._console.print(self._frame())

    def show(self, progress: Mapping[str, Progress]) -> None:
        """Show this from now on."""
        self._progress = progress
        if not self._console.is_terminal:
            self._print_changes(datetime.now(UTC))

    def _frame(self) -> Group:
        return frame(
            self._cases,
            self._progress,
            self._began,
            datetime.now(UTC),
            self._timeout,
            width=self._console.width,
        )

    def _print_changes(self, now: datetime) -> None:
        for row, cases in rows(self._cases).items():
            seen = [self._progress[case.id] for case in cases]
            made = [attempt for one in seen for attempt in attempts(one)]
            states = [state(one, now, self._timeout) for one in seen]
            ended = sum(not one.open for one in states)
            key = (len(made), made[-1].kind if made else None, ended)
            if self._printed.get(row, (0, None, 0)) == key:
                continue
            self._printed[row] = key
            last = made[-1].words if made and made[-1].ended else ""
            said = [f"{len(made)} sent", last, states[0].words]
            if len(seen) > 1:
                said = [said[0], f"{ended} of {len(seen)} ended"]
            passed = (now - self._began).total_seconds()
            line = f"{passed:5.1f} s  {row}: {', '.join(part for part in said if part)}"
            self._console.print(line, highlight=False, markup=False, soft_wrap=True)
