"""Makes the development environment `.venv` on a machine that has no more than Python 3.11.

`python3 sandbox/bootstrap.py` finds a uv that is recent enough, or fetches the one that uv.lock
pins into `.uv/`, and lets it install what uv.lock pins into `.venv/`. It uses the standard library
only, since nothing else is there yet. `make setup` starts it in an environment of its own.
"""

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / ".uv"
# The first that reads this lock file's format and the settings in pyproject.toml.
OLDEST = (0, 8)


class NoUv(Exception):
    """One way to get uv does not work here."""


def main() -> int:
    try:
        uv = find() or fetch()
    except NoUv as error:
        print(f"uv is needed and could not be fetched:\n{error}", file=sys.stderr)
        print("Install it by hand: https://docs.astral.sh/uv/", file=sys.stderr)
        return 1
    command = [uv, "sync", "--frozen", "--project", str(ROOT)]
    if code := subprocess.run(command, env=_environment(), check=False).returncode:
        return code
    return _check()


def _environment() -> dict[str, str]:
    """What uv sees: every Python that pyenv has.

    uv tries what it finds on PATH. The makefile keeps pyenv out of the way of this script, and
    pyenv's shim may be dead while the Python behind it is alive.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYENV_VERSION"}
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [str(path.parent) for path in versions.glob("3.13*/bin/python3.13")]
    path = [*found, environment.get("PATH", os.defpath)]
    return {**environment, "PATH": os.pathsep.join(path)}


def _check() -> int:
    """See that what is needed is there: uv may succeed with less, or somewhere else."""
    python = ROOT / ".venv" / "bin" / "python"
    try:
        _run(str(python), "-c", "import boto3, ministack, samcli, pytest, ruff")
    except (NoUv, OSError) as error:
        print(f".venv is not complete: {error}\nRemove it, then: make setup", file=sys.stderr)
        return 1
    return 0


def find() -> str | None:
    """A uv that works and is recent enough: on PATH, or fetched before."""
    candidates = [shutil.which("uv"), str(OWN / "bin" / "uv")]
    return next((one for one in candidates if one and _suits(one)), None)


def fetch() -> str:
    """Fetch the pinned uv by the first way that works.

    pip comes first, because it knows the person's package index and proxy. Debian's Python has
    none, hence the second way.
    """
    package = next(
        one
        for one in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
        if one["name"] == "uv"
    )
    reasons = []
    for way in (_by_pip, _by_download):
        try:
            uv = way(package)
        except (NoUv, OSError, subprocess.SubprocessError) as error:
            reasons.append(f"- {error}")
            continue
        if _suits(str(uv)):
            return str(uv)
        reasons.append(f"- {uv} does not run")
    raise NoUv("\n".join(reasons))


def _suits(uv: str) -> bool:
    try:
        said = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True).stdout
        numbers = said.split()[1].split(".")
        return (int(numbers[0]), int(numbers[1])) >= OLDEST
    except (OSError, subprocess.SubprocessError, IndexError, ValueError):
        return False


def _by_pip(package: dict[str, Any]) -> Path:
    shutil.rmtree(OWN, ignore_errors=True)
    wanted = f"uv=={package['version']}"
    _run(sys.executable, "-m", "pip", "install", "-q", "--target", str(OWN), wanted)
    return OWN / "bin" / "uv"


def _by_download(package: dict[str, Any]) -> Path:
    wheel = next((one for one in package["wheels"] if _fits(one["url"])), None)
    if wheel is None:
        raise NoUv(f"uv.lock has no uv for {platform.system()} on {platform.machine()}")
    with urllib.request.urlopen(wheel["url"], timeout=120) as response:
        content: bytes = response.read()
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != wheel["hash"]:
        raise NoUv(f"{wheel['url']} is not the file that uv.lock pins")
    shutil.rmtree(OWN, ignore_errors=True)
    uv = OWN / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".data/scripts/uv"))
        uv.write_bytes(archive.read(name))
    uv.chmod(0o755)
    return uv


def _fits(url: str) -> bool:
    machine = {"AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    name = url.rpartition("/")[2]
    if platform.system() == "Darwin":
        return "macosx" in name and platform.machine() in name
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return libc in name and machine in name


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NoUv(f"{' '.join(command[1:4])}: {said[-1] if said else 'failed'}")


if __name__ == "__main__":
    sys.exit(main())
