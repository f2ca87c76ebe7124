"""Every path, anchor and resource that the documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
TEMPLATE = (ROOT / "template.yaml").read_text()

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:functions|tests|sandbox|docs|events|statemachine|packaging)/[\w./-]+")
# As the logical ids of a template are written; a class of the function may be, too.
_RESOURCE = re.compile(
    r"[A-Z]\w+(?:Queue|Policy|Rule|Alarm|Role|Topic|Function|StateMachine|LogGroup|Filter)"
)


def _links(document: Path) -> list[str]:
    found = _LINK.findall(_FENCED.sub("", document.read_text()))
    return [target for target in found if "://" not in target and not target.startswith("mailto:")]


def _leads_somewhere(document: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    path = (document.parent / name).resolve() if name else document
    if not (path.is_relative_to(ROOT) and path.exists()):
        return False
    return not anchor or path.suffix != ".md" or anchor in _anchors(path)


def _anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    headings = _HEADING.findall(_FENCED.sub("", document.read_text()))
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def _words(document: Path, form: re.Pattern[str]) -> set[str]:
    code = _CODE.findall(_FENCED.sub("", document.read_text()))
    return {one for one in code if form.fullmatch(one)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(document: Path) -> None:
    broken = [target for target in _links(document) if not _leads_somewhere(document, target)]
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_in_the_text_is_there(document: Path) -> None:
    named = {one.rstrip("/") for one in _words(document, _PATH)}
    assert {one for one in named if not (ROOT / one).exists()} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_resource_in_the_text_is_one_of_the_template(document: Path) -> None:
    assert _words(document, _RESOURCE) - set(re.findall(r"\w+", TEMPLATE)) == set()


def test_documents_hold_links_to_check() -> None:
    assert {"README.md", "runbook.md", "security.md"} <= {path.name for path in DOCUMENTS}
    assert sum(len(_links(path)) for path in DOCUMENTS) > 50


@pytest.mark.parametrize("text", ["Look [here](#now)", "a [`b.py`](c/b.py), and"])
def test_link_is_recognised(text: str) -> None:
    assert len(_LINK.findall(text)) == 1
