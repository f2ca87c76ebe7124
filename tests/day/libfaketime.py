"""Where libfaketime is. Only its MT build will do: the other is not safe in a process of threads
that all read a file which changes, and libfaketime on PyPI (3.0.1) is the other.

If it is not installed, apt (Debian, Ubuntu) can fetch it into this clone, which needs no root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from sandbox.stack.directory import STACKS

FETCHED = STACKS / "libfaketime"
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


def environment(library: Path, offset_file: Path) -> dict[str, str]:
    """What makes a process, and its children, add an offset to the time."""
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(offset_file),
        # It would look at the file every ten seconds only.
        "FAKETIME_NO_CACHE": "1",
        # It reads numbers with the decimal point of the locale.
        "LC_ALL": "C",
    }


def library(directory: Path) -> Path:
    """The first libfaketime that moves the clock of this Python.

    Parameters
    ----------
    directory
        For a file with an offset, to try it out.

    Raises
    ------
    NoFaketime
        None is installed, and none could be fetched.
    """
    offset = directory / "try"
    found = [one for one in _below(Path("/")) if _works(one, offset)]
    if not found and shutil.which("apt-get"):
        _fetch()
        found = [one for one in _below(FETCHED) if _works(one, offset)]
    if not found:
        raise NoFaketime(MISSING)
    return found[0]


def _below(root: Path) -> list[Path]:
    return [one for place in PLACES for one in sorted(root.glob(f"{place}/libfaketimeMT.so.1"))]


def _fetch() -> None:
    """By package lists of its own: the machine's may be none."""
    for name in ("lists/partial", "cache/archives/partial"):
        (FETCHED / name).mkdir(parents=True, exist_ok=True)
    apt = [
        "apt-get",
        "-o",
        f"Dir::State::Lists={FETCHED}/lists",
        "-o",
        f"Dir::Cache={FETCHED}/cache",
    ]
    if not list(FETCHED.glob("*.deb")):
        for command in (["update"], ["download", "libfaketime"]):
            subprocess.run([*apt, *command], cwd=FETCHED, capture_output=True, check=False)
    for package in FETCHED.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, "."], cwd=FETCHED, check=False)


def _works(library: Path, offset_file: Path) -> bool:
    offset_file.write_text("+86400.5\n")
    said = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env={**os.environ, **environment(library, offset_file)},
        capture_output=True,
        text=True,
        check=False,
    )
    return said.returncode == 0 and float(said.stdout) > time.time() + 86_000
