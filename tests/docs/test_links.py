"""Every path, anchor and resource that the documents name is there; other sites are known ones.

Whether a page of another site is there is not asked: a test that needs the internet fails by it.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.documents import DOCUMENTS, ROOT, prose

FORMS = ROOT / "tests" / "upgrade" / "forms" / "README.md"
LINKING = [*DOCUMENTS, FORMS]
TEMPLATE = (ROOT / "template.yaml").read_text()
# A new one is looked at by a person, once, and added.
SITES = {"docs.alipayplus.com", "docs.astral.sh", "keepachangelog.com", "semver.org"}

_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:functions|tests|sandbox|docs|events|statemachine|packaging)/[\w./-]+")
# As the logical ids of a template are written; a class of the function may be, too.
_RESOURCE = re.compile(
    r"[A-Z]\w+(?:Queue|Policy|Rule|Alarm|Role|Topic|Function|StateMachine|LogGroup|Filter)"
)


def _name(document: Path) -> str:
    return str(document.relative_to(ROOT))


def _links(document: Path) -> list[str]:
    return [target for target in _LINK.findall(prose(document)) if "://" not in target]


def _elsewhere(document: Path) -> list[str]:
    return [target for target in _LINK.findall(prose(document)) if "://" in target]


def _leads_somewhere(document: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    path = (document.parent / name).resolve() if name else document
    if not (path.is_relative_to(ROOT) and path.exists()):
        return False
    return not anchor or path.suffix != ".md" or anchor in _anchors(path)


def _anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    headings = _HEADING.findall(prose(document))
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def _words(document: Path, form: re.Pattern[str]) -> set[str]:
    code = _CODE.findall(prose(document))
    return {one for one in code if form.fullmatch(one)}


@pytest.mark.parametrize("document", LINKING, ids=_name)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(document: Path) -> None:
    broken = [target for target in _links(document) if not _leads_somewhere(document, target)]
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_path_in_the_text_is_there(document: Path) -> None:
    named = {one.rstrip("/") for one in _words(document, _PATH)}
    assert {one for one in named if not (ROOT / one).exists()} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_resource_in_the_text_is_one_of_the_template(document: Path) -> None:
    assert _words(document, _RESOURCE) - set(re.findall(r"\w+", TEMPLATE)) == set()


@pytest.mark.parametrize("document", LINKING, ids=_name)
def test_every_link_to_another_site_is_https_and_to_a_known_one(document: Path) -> None:
    parts = [urlsplit(target) for target in _elsewhere(document)]
    assert {one.scheme for one in parts} <= {"https"}
    assert {one.netloc for one in parts} - SITES == set()
    assert [one for one in parts if one.query or one.path.endswith((".", ","))] == []


def test_documents_hold_links_to_check() -> None:
    assert {"README.md", "runbook.md", "security.md"} <= {path.name for path in DOCUMENTS}
    assert any(_elsewhere(path) for path in DOCUMENTS)
    assert sum(len(_links(path)) for path in DOCUMENTS) > 50


@pytest.mark.parametrize("text", ["Look [here](#now)", "a [`b.py`](c/b.py), and"])
def test_link_is_recognised(text: str) -> None:
    assert len(_LINK.findall(text)) == 1
