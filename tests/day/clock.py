"""A clock shared by all processes of a stack, which runs at real speed and jumps when told to.

libfaketime adds an offset that it reads from a file at every look at the clock. No factor: each
process would count it from its own start, and no two would agree.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.day import libfaketime

PRELOADED = Path(__file__).parent / "preloaded"


class Clock:
    """The time of the stack.

    Parameters
    ----------
    directory
        Gets the file with the offset, and the notes of the sleepers.
    start
        What the clock shows now. Not in the past: the clocks that count from the start of the
        machine move with it, and none may show less than nothing.
    """

    def __init__(self, directory: Path, start: datetime) -> None:
        self._library = libfaketime.library(directory)
        self._file = directory / "offset"
        self._sleepers = directory / "sleepers"
        self._sleepers.mkdir()
        self._offset = 0.0
        self.jump(start)

    @property
    def environment(self) -> dict[str, str]:
        """What puts a process and its children under this clock."""
        return {
            **libfaketime.environment(self._library, self._file),
            "PYTHONPATH": str(PRELOADED),
            "SLEEPERS": str(self._sleepers),
        }

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._offset, UTC)

    def jump(self, to: datetime) -> None:
        """Show `to` from now on, for all at once; never an earlier time."""
        self._offset = max(self._offset, to.timestamp() - time.time())
        new = self._file.with_suffix(".new")
        new.write_text(f"+{self._offset:.6f}\n")
        new.replace(self._file)

    def sleepers(self) -> dict[str, datetime]:
        """Who sleeps, and until when."""
        return {
            name: datetime.fromtimestamp(float(name.partition("-")[0]), UTC)
            for name in os.listdir(self._sleepers)
        }
