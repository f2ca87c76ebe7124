"""The run as a person sees it: a table that fills on a terminal, a line per change elsewhere."""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from sandbox.cases import Case
from sandbox.verdict import ended, faults
from sandbox.watch import Progress

_COLOURS = {
    "CANCELLED": "green",
    "REFUND_REQUIRED": "yellow",
    "FAILED": "red",
    "UNRESOLVED": "red",
    "DEAD_LETTER": "magenta",
}


class View:
    """Shows the rows of the cases, each time they are given."""

    def __init__(self, cases: Sequence[Case], console: Console) -> None:
        self._console = console
        self._rows: dict[str, list[Case]] = {}
        for case in cases:
            self._rows.setdefault(case.row, []).append(case)
        self._began = time.monotonic()
        self._shown: dict[str, tuple[str, ...]] = {}
        self._live = Live(console=console, refresh_per_second=4) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, progress: Mapping[str, Progress]) -> None:
        if self._live:
            self._live.update(self.table(progress), refresh=True)
            return
        for row, cases in self._rows.items():
            cells = _cells(cases, progress)
            untouched = not any(one.sends or one.dead_letters for one in _seen(cases, progress))
            if self._shown.get(row) != cells and not untouched:
                self._shown[row] = cells
                passed = time.monotonic() - self._began
                self._console.print(
                    f"{passed:5.1f} s  {row}: " + ", ".join(cell for cell in cells if cell),
                    highlight=False,
                    soft_wrap=True,
                )

    def table(self, progress: Mapping[str, Progress], *, final: bool = False) -> Table:
        table = Table(
            title=f"{time.monotonic() - self._began:.0f} s", title_justify="right", expand=False
        )
        for name in ("payment", "id", "requests", "last answer", "carried by", "outcome"):
            table.add_column(name, overflow="fold")
        if final:
            table.add_column("as it should be", overflow="fold")
        for row, cases in self._rows.items():
            requests, answer, carrier, outcome = _cells(cases, progress)
            name = cases[0].id if len(cases) == 1 else f"{cases[0].id} …"
            cells = [row, name, requests, answer, carrier, _coloured(outcome, cases)]
            if final:
                wrong = [fault for case in cases for fault in faults(case, progress[case.id])]
                cells.append(f"[red]{'; '.join(wrong)}[/red]" if wrong else "[green]yes[/green]")
            table.add_row(*cells)
        return table


def _coloured(outcome: str, cases: Sequence[Case]) -> str:
    colour = _COLOURS.get(cases[0].ends) if cases[0].ends in outcome else None
    return f"[{colour}]{outcome}[/{colour}]" if colour else outcome


def _cells(cases: Sequence[Case], progress: Mapping[str, Progress]) -> tuple[str, str, str, str]:
    """Requests, last answer, carrier and outcome of a row."""
    seen = _seen(cases, progress)
    if len(cases) > 1:
        done = sum(ended(case, one) for case, one in zip(cases, seen, strict=True))
        outcomes = sorted({o["outcome"] for one in seen for o in one.outcomes})
        sends = sum(len(one.sends) for one in seen)
        return f"{sends} sent", "", "queue", f"{done} of {len(cases)} {' '.join(outcomes)}".strip()
    one = seen[0]
    outcome = " ".join(o["outcome"] for o in one.outcomes)
    if one.dead_letters:
        why = one.dead_letters[0].get("resultCode") or one.dead_letters[0].get("rejectReason", "")
        outcome = f"{outcome} + dead letter" if outcome else f"DEAD_LETTER: {why}"
    tracker = f"tracker {(one.error or one.tracker).lower()}" if one.tracker else "queue"
    return f"{len(one.sends)} sent", _last_answer(one), tracker, outcome


def _seen(cases: Sequence[Case], progress: Mapping[str, Progress]) -> list[Progress]:
    return [progress[case.id] for case in cases]


def _last_answer(progress: Progress) -> str:
    if not progress.sends:
        return ""
    last = progress.sends[-1]
    if not last["endedAt"] and not last["answeredAt"]:
        return "…"
    how = "" if last["answer"] == "signed" else f"{last['answer'] or 'no'}: "
    return f"{how}{last['resultStatus'] or 'no answer'} {last['resultCode'] or ''}".strip()
