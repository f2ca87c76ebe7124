"""Findings for people, in a terminal and out of it, and for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from doctor.examination import Grouped
from doctor.finding import Finding, Status, exit_status

_STYLES = {
    Status.OK: "green",
    Status.INFO: "blue",
    Status.WARNING: "yellow",
    Status.WRONG: "bold red",
    Status.UNKNOWN: "bold magenta",
}
_VERDICTS = {
    0: ("nothing is wrong", "bold green"),
    1: ("not fit to run", "bold red"),
    2: ("not all could be checked", "bold magenta"),
}


def show(findings: Iterable[Grouped], name: str, console: Console) -> list[Finding]:
    """Print findings as they come, a line each, to be searched; returns them.

    In a terminal they are grouped and coloured, and what to do has a line of its own.
    """
    shown: list[Finding] = []
    group = ""
    for its_group, one in findings:
        if console.is_terminal and its_group != group:
            console.print(Text(f"\n{its_group}", style="bold"))
        group = its_group
        line = Text.assemble(
            (f"{one.status:<8}", _STYLES[one.status]), f"{one.subject}: {one.fact}"
        )
        if one.action:
            line.append(f"\n{'':8}→ {one.action}" if console.is_terminal else f" -> {one.action}")
        console.print(line, soft_wrap=not console.is_terminal)
        shown.append(one)
    verdict, style = _VERDICTS[exit_status(shown)]
    counts = Counter(one.status for one in shown)
    counted = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    console.print(Text.assemble((f"{name}: {verdict}", style), f" ({counted})"), soft_wrap=True)
    return shown


def as_json(findings: Sequence[Grouped], name: str) -> str:
    """One document: `stack`, `exitStatus`, `findings` with group, status, subject, fact, action."""
    entries = [{"group": group, **asdict(one)} for group, one in findings]
    status = exit_status(one for _, one in findings)
    document = {"stack": name, "exitStatus": status, "findings": entries}
    return json.dumps(document, indent=2, ensure_ascii=False)
