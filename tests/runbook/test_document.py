"""The runbook says of each alarm what a person needs, and prints what the template has saved.

That every alarm has its section is a rule of the template (tests/template/alarms.py), that every
command is run one of the documents (tests/docs/test_commands.py).
"""

from __future__ import annotations

import re

import pytest

from tests.docs.documents import ROOT, named

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
TEMPLATE = (ROOT / "template.yaml").read_text()
LEADS = ["**Impact.**", "**Diagnose.**", "**Fix", "**Resolved when**"]
HEADING = re.compile(r"^#{1,2} (.+)$", re.MULTILINE)


@pytest.mark.parametrize("anchor", sorted(set(re.findall(r"\{RunbookUrl\}#([a-z-]+)", TEMPLATE))))
def test_section_of_an_alarm_says_what_where_how_and_when_it_is_over(anchor: str) -> None:
    _, *parts = HEADING.split(RUNBOOK)
    headings = [one.lower().replace(" ", "-") for one in parts[::2]]
    text = parts[2 * headings.index(anchor) + 1]
    places = [text.find(lead) for lead in LEADS]
    assert -1 not in places and places == sorted(places)


def test_saved_query_of_the_template_and_the_printed_one_are_the_same() -> None:
    saved = re.search(r"WhyUnknownQuery:.*?QueryString: \|\n(.*?)\n\n", TEMPLATE, re.DOTALL)
    block = named("docs/runbook.md")["why-unknown"]
    printed = re.search(r"--query-string '(.*?)'", block, re.DOTALL)
    assert saved and printed
    assert saved[1].split() == printed[1].split()
