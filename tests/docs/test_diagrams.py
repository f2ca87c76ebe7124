"""Every Mermaid diagram of the documents, drawn by the library itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.docs.documents import DOCUMENTS, blocks
from tests.node import Packages

PACKAGES: Final = Packages(Path(__file__).parent / "mermaid")

_QUOTED = re.compile(r'"([^"\n]*)"')
_DRAWN_ARROW = re.compile(r'class="[^"]*\bflowchart-link\b')

DIAGRAMS: Final = [
    pytest.param(block.text, id=block.document)
    for document in DOCUMENTS
    for block in blocks(document)
    if block.language == "mermaid"
]


def drawn(diagram: str) -> dict[str, Any]:
    """What the library makes of a diagram."""
    PACKAGES.install()
    done = PACKAGES.run(["render.mjs"], text=diagram)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("diagram", DIAGRAMS)
def test_diagram_is_drawn_with_all_its_words_and_arrows(diagram: str) -> None:
    answer = drawn(diagram)
    assert "error" not in answer, answer
    assert [one for one in _QUOTED.findall(diagram) if one not in answer["svg"]] == []
    if answer["type"].startswith("flowchart"):
        arrows = sum(line.count("-->") for line in diagram.splitlines())
        assert len(_DRAWN_ARROW.findall(answer["svg"])) == arrows


def test_a_diagram_that_cannot_be_drawn_is_noticed() -> None:
    assert DIAGRAMS and "error" in drawn("flowchart LR\n    A -- no end B\n")
