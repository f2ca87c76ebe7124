"""Findings for people, in a terminal and out of it, and for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from doctor.examination import Grouped
from doctor.finding import Finding, Status, exit_status

_SIGNS = {
    Status.OK: ("✓", "green"),
    Status.INFO: ("·", "blue"),
    Status.WARNING: ("!", "yellow"),
    Status.WRONG: ("✗", "bold red"),
    Status.UNKNOWN: ("?", "bold magenta"),
}
_SUBJECT_WIDTH = 30


def show(findings: Iterable[Grouped], name: str, console: Console) -> list[Finding]:
    """Print findings as they come; returns them.

    In a terminal, grouped and coloured; elsewhere one line each, to be searched.
    """
    shown: list[Finding] = []
    group = ""
    for its_group, finding in findings:
        if console.is_terminal:
            if its_group != group:
                console.print(Text(f"\n{its_group}", style="bold"))
            console.print(Padding(_row(finding), (0, 0, 0, 2)))
        else:
            console.print(_line(finding), soft_wrap=True, markup=False, highlight=False)
        group = its_group
        shown.append(finding)
    if console.is_terminal:
        console.print()
    console.print(_verdict(shown, name), soft_wrap=True)
    return shown


def as_json(findings: Sequence[Grouped], name: str) -> str:
    """One document: `stack`, `exitStatus`, `findings` with group, status, subject, fact, action."""
    found = [one for _, one in findings]
    entries = [
        {
            "group": group,
            "status": one.status,
            "subject": one.subject,
            "fact": one.fact,
            "action": one.action,
        }
        for group, one in findings
    ]
    document = {"stack": name, "exitStatus": exit_status(found), "findings": entries}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _row(finding: Finding) -> Table:
    sign, style = _SIGNS[finding.status]
    row = Table.grid(padding=(0, 1))
    row.add_column(width=1)
    row.add_column(width=_SUBJECT_WIDTH)
    row.add_column()
    loud = finding.status not in {Status.OK, Status.INFO}
    fact = Text.assemble((finding.fact, style if loud else ""))
    if finding.action:
        fact.append(f"\n→ {finding.action}", style="" if loud else "dim")
    row.add_row(Text(sign, style=style), Text(finding.subject), fact)
    return row


def _line(finding: Finding) -> str:
    action = f" -> {finding.action}" if finding.action else ""
    return f"{finding.status:<8}{finding.subject}: {finding.fact}{action}"


def _verdict(findings: Sequence[Finding], name: str) -> Text:
    words = {0: "nothing is wrong", 1: "not fit to run", 2: "not all could be checked"}
    styles = {0: "bold green", 1: "bold red", 2: "bold magenta"}
    status = exit_status(findings)
    counts = ", ".join(_counts(findings))
    return Text.assemble((f"{name}: {words[status]}", styles[status]), f" ({counts})")


def _counts(findings: Sequence[Finding]) -> Iterator[str]:
    counts = Counter(one.status for one in findings)
    for status in Status:
        if counts[status]:
            yield f"{counts[status]} {status}"
