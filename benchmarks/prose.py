"""Paragraphs and items of a Markdown document, wrapped."""

from __future__ import annotations

import textwrap

WIDTH = 110


def paragraph(*parts: str) -> list[str]:
    """One paragraph and the empty line after it."""
    return [*_wrapped(" ".join(parts), ""), ""]


def item(*parts: str) -> list[str]:
    """One item of a list."""
    return _wrapped("- " + " ".join(parts), "  ")


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )
