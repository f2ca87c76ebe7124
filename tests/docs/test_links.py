"""Every path, anchor and resource that the documents name is there; other sites are known ones.

Whether a page of another site is there is not asked: a test that needs the internet fails by it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from tests.docs.documents import DOCUMENTS, ROOT, prose

LINKING: Final = [*DOCUMENTS, ROOT / "tests" / "upgrade" / "forms" / "README.md"]
IN_TEMPLATE: Final = set(re.findall(r"\w+", (ROOT / "template.yaml").read_text()))
# A new one is looked at by a person, once, and added.
SITES: Final = {"docs.alipayplus.com", "docs.astral.sh", "keepachangelog.com", "semver.org"}

_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:functions|tests|sandbox|docs|events|statemachine|packaging)/[\w./-]+")
# As the logical ids of a template are written; a class of the function may be, too.
_RESOURCE = re.compile(
    r"[A-Z]\w+(?:Queue|Policy|Rule|Alarm|Role|Topic|Function|StateMachine|LogGroup|Filter)"
)


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


@pytest.mark.parametrize("document", LINKING, ids=lambda one: str(one.relative_to(ROOT)))
def test_what_a_document_names_is_there(document: Path) -> None:
    targets = _LINK.findall(prose(document))
    here = [one for one in targets if "://" not in one]
    assert [one for one in here if not _leads_somewhere(document, one)] == []
    for one in {*targets} - {*here}:
        site = urlsplit(one)
        assert site.scheme == "https" and site.netloc in SITES, one
        assert not site.query and not site.path.endswith((".", ",")), one
    words = _CODE.findall(prose(document))
    paths = {one.rstrip("/") for one in words if _PATH.fullmatch(one)}
    assert {one for one in paths if not (ROOT / one).exists()} == set()
    assert {one for one in words if _RESOURCE.fullmatch(one)} - IN_TEMPLATE == set()


def test_a_link_that_leads_nowhere_is_noticed() -> None:
    assert sum(len(_LINK.findall(prose(path))) for path in DOCUMENTS) > 50
    readme = ROOT / "README.md"
    assert _leads_somewhere(readme, "docs/runbook.md#doctor")
    for target in ("docs/runbook.md#nowhere", "docs/nowhere.md"):
        assert not _leads_somewhere(readme, target)
