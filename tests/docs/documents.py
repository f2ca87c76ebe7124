"""The documents of this repository, and what is fenced in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCUMENTS: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

# Indented by what stands before the fence, as in a list.
_FENCED = re.compile(r"^( *)```(\S*)(?: +(\S+))?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block: ```` ```language name ````."""

    document: str
    """Its path below the root."""
    language: str
    name: str
    text: str


def blocks(document: Path) -> list[Block]:
    """All fenced blocks of a document, without the indentation of a list."""
    where = str(document.relative_to(ROOT))
    return [
        Block(where, language, name, re.sub(f"^{indent}", "", text, flags=re.MULTILINE))
        for indent, language, name, text in _FENCED.findall(document.read_text())
    ]


def prose(document: Path) -> str:
    """The text of a document without its fenced blocks."""
    return _FENCED.sub("", document.read_text())
