"""Where a headless browser is: an installed Chromium or Chrome, or Debian's, fetched by apt into
this clone, which needs no root (96 MB, 15 s).
"""

import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.stack.directory import STACKS

FETCHED = STACKS / "chromium"
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chromium-headless-shell",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# The one without a window needs far less beside it; without any font, nothing would be drawn.
PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core")
MISSING = (
    "no browser: install Chromium or Chrome, or name its file in CHROMIUM "
    "(on Debian, apt fetches one into .sandbox/chromium by itself)"
)


class NoBrowser(Exception):
    """None is installed, and none could be fetched; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser that starts here, and what its environment needs beside the usual."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def starts(self) -> bool:
        try:
            told = subprocess.run(
                [self.path, "--version"],
                env={**os.environ, **self.environment},
                capture_output=True,
                timeout=30,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return told.returncode == 0


def find() -> Chromium:
    """The first browser that starts; fetched if need be.

    Raises
    ------
    NoBrowser
        There is none.
    """
    for look in (_installed, _unpacked, _fetched):
        for candidate in look():
            if candidate.starts:
                return candidate
    raise NoBrowser(MISSING)


def _installed() -> list[Chromium]:
    named = os.environ.get("CHROMIUM")
    paths = [named] if named else [shutil.which(name) for name in NAMES]
    return [Chromium(Path(path)) for path in paths if path]


def _unpacked() -> list[Chromium]:
    root = FETCHED / "root"
    libraries = {str(path.parent) for path in root.glob("usr/lib/**/*.so*")}
    environment = {"LD_LIBRARY_PATH": ":".join(sorted(libraries))}
    if not Path("/etc/fonts/fonts.conf").exists():
        environment["FONTCONFIG_SYSROOT"] = str(root)
    found = root.glob("usr/lib/chromium/chromium-headless-shell")
    return [Chromium(path, environment) for path in found]


def _fetched() -> list[Chromium]:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return []
    FETCHED.mkdir(parents=True, exist_ok=True)
    with (FETCHED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if found := [one for one in _unpacked() if one.starts]:
            return found  # by another process, meanwhile
        # The machine's own package lists may be none or old; a second set of them lives here.
        lists, cache = FETCHED / "lists", FETCHED / "cache"
        own = ["-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={cache}"]
        if not _download([]):
            (lists / "partial").mkdir(parents=True, exist_ok=True)
            (cache / "archives" / "partial").mkdir(parents=True, exist_ok=True)
            _run("apt-get", *own, "update")
            _download(own)
        for package in FETCHED.glob("*.deb"):
            _run("dpkg-deb", "-x", package, "root")
            package.unlink()
        for directory in (lists, cache):
            shutil.rmtree(directory, ignore_errors=True)
    return _unpacked()


def _download(options: list[str]) -> bool:
    """Fetch the packages and what they need that is not installed; says whether all came."""
    wanted = _run(
        *("apt-get", *options, "install", "--simulate", "--no-install-recommends", *PACKAGES)
    )
    names = [line.split()[1] for line in wanted.splitlines() if line.startswith("Inst ")]
    if PACKAGES[0] in names:
        _run("apt-get", *options, "download", *names)
    return bool(names) and len(list(FETCHED.glob("*.deb"))) >= len(names)


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=FETCHED, capture_output=True, text=True, check=False)
    return done.stdout
