"""Programs of Debian's packages, unpacked into this clone by apt, which needs no root."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def fetch(packages: tuple[str, ...], directory: Path) -> Path | None:
    """The root below which the packages lie, or None where apt cannot have them.

    Parameters
    ----------
    packages
        What they need besides and no minimal system has, included.
    """
    root = directory / "root"
    if root.exists():
        return root
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return None
    # The machine's own package lists may be none or old; a second set of them lives here.
    lists, cache = directory / "lists", directory / "cache"
    own = ["-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={cache}"]
    for place in (directory, lists / "partial", cache / "archives" / "partial"):
        place.mkdir(parents=True, exist_ok=True)
    if not _run(directory, "apt-get", "download", *packages):
        _run(directory, "apt-get", *own, "update")
        if not _run(directory, "apt-get", *own, "download", *packages):
            return None
    aside = directory / "unpacked"
    shutil.rmtree(aside, ignore_errors=True)
    for package in directory.glob("*.deb"):
        if not _run(directory, "dpkg-deb", "-x", package, aside):
            return None
        package.unlink()
    for place in (lists, cache):
        shutil.rmtree(place)
    return aside.rename(root)


def _run(directory: Path, *command: str | Path) -> bool:
    done = subprocess.run(command, cwd=directory, capture_output=True, check=False)
    return done.returncode == 0
