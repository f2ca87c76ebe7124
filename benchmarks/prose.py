"""Paragraphs, items and tables of a Markdown document, wrapped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 110


def paragraph(*parts: str) -> list[str]:
    """One paragraph and the empty line after it."""
    return [*_wrapped(" ".join(parts), ""), ""]


def item(*parts: str) -> list[str]:
    """One item of a list."""
    return _wrapped("- " + " ".join(parts), "  ")


def table(head: Sequence[str], right: int, body: Iterable[Sequence[str]]) -> list[str]:
    """A table and the empty line after it; its last `right` columns stand to the right."""
    bars = ["---"] * (len(head) - right) + ["---:"] * right
    return [*(f"| {' | '.join(row)} |" for row in (head, bars, *body)), ""]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )
