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
_COMMENT = re.compile(r"\s+# .*$")


@dataclass(frozen=True)
class Block:
    """One fenced block: ```` ```language name ````."""

    document: str
    """Its path below the root."""
    language: str
    name: str
    text: str

    @property
    def commands(self) -> list[str]:
        """Its commands one by one, without comments; for blocks of simple commands."""
        lines = self.text.replace("\\\n", " ").splitlines()
        bare = (_COMMENT.sub("", f" {line}").strip() for line in lines)
        return [" ".join(line.split()) for line in bare if line]


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


def named(document: str) -> dict[str, str]:
    """The shell commands of a document that have a name, by that name."""
    found = [one for one in blocks(ROOT / document) if one.language == "sh" and one.name]
    by_name = {one.name: one.text for one in found}
    assert len(by_name) == len(found), f"two blocks of {document} have one name"
    return by_name


def as_written(document: str, beginning: str) -> str:
    """The one command without a name that begins so, for a test that runs it.

    The words of such a call are what `commands` looks for: write them out.
    """
    every = [
        command
        for block in blocks(ROOT / document)
        if block.language == "sh" and not block.name
        for command in block.commands
    ]
    found = {one for one in every if one.startswith(beginning)}
    # Itself, where another goes on from there.
    found = found & {beginning} or found
    assert len(found) == 1, f"{document} has {len(found)} commands that begin with {beginning!r}"
    return found.pop()


def of_a_real_account() -> list[str]:
    """The AWS commands of going live that no emulation of AWS can answer."""
    section = prose(ROOT / "docs" / "going-live.md").partition("What only a real account shows")[2]
    return re.findall(r"`(aws [^`]+)`", section.partition("\n## ")[0])
