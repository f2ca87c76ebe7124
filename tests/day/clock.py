"""A clock shared by all processes of a stack, which runs at real speed and jumps when told to.

libfaketime adds an offset that it reads from a file at every look at the clock. No factor: each
process would count it from its own start, and no two would agree. Only its MT build will do: the
other is not safe in a process of threads that all read a file which changes, and libfaketime on
PyPI (3.0.1) is the other.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from sandbox.stack.directory import STACKS
from tests.support import debian

PRELOADED = Path(__file__).parent / "preloaded"
PLACES = (
    "usr/lib/*/faketime",  # Debian, Ubuntu
    "usr/lib64/faketime",  # Fedora
    "usr/lib/faketime",  # Arch
    "usr/local/lib/faketime",  # built from source
)
MISSING = (
    "The virtual day did not run: it needs libfaketimeMT.so.1, on Linux. Install it with "
    "`apt-get install faketime` (Debian, Ubuntu) or `dnf install libfaketime` (Fedora)."
)


class NoFaketime(Exception):
    """There is no libfaketime that works here; the text says what to do."""


class Clock:
    """The time of the stack.

    Parameters
    ----------
    directory
        Gets the file with the offset, and the notes of the sleepers.
    start
        What the clock shows now. Not in the past: the clocks that count from the start of the
        machine move with it, and none may show less than nothing.

    Raises
    ------
    NoFaketime
        None is installed, and none could be fetched.
    """

    def __init__(self, directory: Path, start: datetime) -> None:
        self._library = _library()
        self._file = directory / "offset"
        self._sleepers = directory / "sleepers"
        self._sleepers.mkdir()
        self._offset = 0.0
        self.jump(start)

    @property
    def environment(self) -> dict[str, str]:
        """What puts a process and its children under this clock."""
        return {
            **_environment(self._library, self._file),
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


def _library() -> Path:
    """The first libfaketime that is installed; fetched where none is. Under one that does not move
    the clock of this Python the day gets nowhere, and says so."""
    for root in (Path("/"), None):
        root = root or debian.fetch(("libfaketime",), STACKS / "libfaketime")
        for place in PLACES if root else ():
            for library in sorted(root.glob(f"{place}/libfaketimeMT.so.1")):
                return library
    raise NoFaketime(MISSING)


def _environment(library: Path, offset_file: Path) -> dict[str, str]:
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(offset_file),
        # It would look at the file every ten seconds only.
        "FAKETIME_NO_CACHE": "1",
        # It reads numbers with the decimal point of the locale.
        "LC_ALL": "C",
    }
