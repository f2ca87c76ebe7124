"""Whether anything that a run has written shows a key.

Private keys of both sides, of every rotation; a leak of one line of a PEM is a leak.
"""

from __future__ import annotations

import json
from pathlib import Path


class Keys:
    """Lines of the private keys that were in use; hold them no longer than the run."""

    def __init__(self) -> None:
        self._lines: set[str] = set()

    def note(self, directory: Path) -> None:
        """Remember the keys that lie in this directory now."""
        for name in ("secret.json", "gateway.json"):
            pem = json.loads((directory / name).read_text())["privateKey"]
            lines = [line for line in pem.splitlines() if not line.startswith("-----")]
            # The first line says only that it is a key of this kind; every such key begins so.
            self._lines.update(line for line in lines[1:] if len(line) >= 40)

    def leaks(self, directory: Path) -> list[str]:
        """The files below the directory that show a part of a key."""
        assert self._lines
        found = []
        for path in sorted(one for one in directory.rglob("*") if one.is_file()):
            text = path.read_text(errors="replace")
            if any(line in text for line in self._lines):
                found.append(path.name)
        return found
