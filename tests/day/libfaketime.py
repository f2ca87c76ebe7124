"""Where libfaketime is. Only its MT build will do: the other is not safe in a process of threads
that all read a file which changes, and libfaketime on PyPI (3.0.1) is the other.

If it is not installed, apt (Debian, Ubuntu) can fetch it into this clone, which needs no root.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

from sandbox.stack.directory import STACKS

FETCHED = STACKS / "libfaketime"
PLACES = (
    "/usr/lib/*/faketime",  # Debian, Ubuntu
    "/usr/lib64/faketime",  # Fedora
    "/usr/lib/faketime",  # Arch
    "/usr/local/lib/faketime",  # built from source
    f"{FETCHED}/usr/lib/*/faketime",
)
MISSING = (
    "The virtual day did not run: it needs libfaketimeMT.so.1, on Linux. Install it with "
    "`apt-get install faketime` (Debian, Ubuntu) or `dnf install libfaketime` (Fedora), "
    "or name the file in LIBFAKETIME."
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
    if platform.system() != "Linux":
        raise NoFaketime(MISSING)
    for find in (_installed, _fetched):
        for candidate in find():
            if _works(candidate, directory / "try"):
                return candidate
    raise NoFaketime(MISSING)


def _installed() -> list[Path]:
    named = os.environ.get("LIBFAKETIME")
    if named:
        return [Path(named)]
    found = [Path("/").glob(f"{place[1:]}/libfaketimeMT.so.1") for place in PLACES]
    return [library for one in found for library in sorted(one)]


def _fetched() -> list[Path]:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return []
    FETCHED.mkdir(parents=True, exist_ok=True)
    # The machine's own package lists may be none; a second set of them lives here.
    own = ["-o", f"Dir::State::Lists={FETCHED}/lists", "-o", f"Dir::Cache={FETCHED}/cache"]
    _run("apt-get", "download", "libfaketime")
    if not list(FETCHED.glob("*.deb")):
        (FETCHED / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (FETCHED / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        _run("apt-get", *own, "update")
        _run("apt-get", *own, "download", "libfaketime")
        for name in ("lists", "cache"):
            shutil.rmtree(FETCHED / name)
    for package in FETCHED.glob("*.deb"):
        _run("dpkg-deb", "-x", package, ".")
    return _installed()


def _run(*command: str | Path) -> None:
    subprocess.run(command, cwd=FETCHED, capture_output=True, check=False)


def _works(library: Path, offset_file: Path) -> bool:
    offset_file.write_text("+86400.5\n")
    told = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env={**os.environ, **environment(library, offset_file)},
        capture_output=True,
        text=True,
        check=False,
    )
    return told.returncode == 0 and float(told.stdout) > time.time() + 86_000
