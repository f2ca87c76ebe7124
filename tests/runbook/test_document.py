"""The runbook and what it is about cannot drift apart: alarms, sections, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.runbook.document import ROOT, RUNBOOK, SET_UP, blocks

HERE = Path(__file__).parent
TEMPLATE = (ROOT / "template.yaml").read_text()
LEADS = ["**Impact.**", "**Diagnose.**", "**Fix", "**Resolved when**"]


def _sections() -> dict[str, str]:
    """The text of each section, by its anchor."""
    parts = re.split(r"^#{1,2} (.+)$", RUNBOOK.read_text(), flags=re.MULTILINE)
    return {
        heading.lower().replace(" ", "-"): text
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
    }


ALARMS = sorted(set(re.findall(r"\$\{RunbookUrl\}#([a-z-]+)", TEMPLATE)))


@pytest.mark.parametrize("anchor", ALARMS)
def test_section_of_an_alarm_says_what_where_how_and_when_it_is_over(anchor: str) -> None:
    text = _sections()[anchor]
    places = [text.find(lead) for lead in LEADS]
    assert -1 not in places and places == sorted(places)


def test_every_alarm_of_the_template_links_to_the_runbook() -> None:
    alarms = TEMPLATE.count("Type: AWS::CloudWatch::Alarm")
    assert alarms == len(re.findall(r"\$\{RunbookUrl\}#", TEMPLATE)) > 0


def test_every_command_is_run_by_a_test() -> None:
    tests = "".join(path.read_text() for path in HERE.glob("test_*.py"))
    run = set(re.findall(r'run\(\s*"([a-z-]+)"', tests)) | {SET_UP}
    assert set(blocks()) == run


def test_every_shell_block_has_a_name_by_which_it_is_run() -> None:
    assert RUNBOOK.read_text().count("```sh") == len(blocks())


def test_saved_query_of_the_template_and_the_printed_one_are_the_same() -> None:
    saved = re.search(r"WhyUnknownQuery:.*?QueryString: \|\n(.*?)\n\n", TEMPLATE, re.DOTALL)
    printed = re.search(r"--query-string '(.*?)'", blocks()["why-unknown"], re.DOTALL)
    assert saved and printed
    assert saved[1].split() == printed[1].split()
