"""The function built for this host by `sam build`, only when something that goes in has changed.

It lies in `.sandbox/build/`; `.aws-sam/` belongs to the person's own `sam build`. What went in is
kept as a digest inside the build itself, and `sam build` empties that directory.
"""

import fcntl
import hashlib
import platform
import subprocess
import sys
from pathlib import Path

from sandbox.stack.environment import for_tools

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
# The artifact runs on this host. Where that is no Linux with glibc, it is not the one for AWS.
NATIVE = platform.libc_ver()[0] != "glibc"
DIRECTORY = ROOT / ".sandbox" / "build"
TEMPLATE = DIRECTORY / "template.yaml"
_INPUTS = ("functions", "packaging", "statemachine", "template.yaml", "uv.lock", "pyproject.toml")


class BuildFailed(Exception):
    """`sam build` did not succeed; the text is what it said."""


def build() -> Path:
    """Build if needed; returns the built template.

    Raises
    ------
    BuildFailed
        SAM, uv or the makefile refuses.
    """
    (ROOT / ".sandbox").mkdir(exist_ok=True)
    # Two commands at once in one clone would empty the directory under each other's feet.
    with (ROOT / ".sandbox" / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest, kept = _digest(), DIRECTORY / ".inputs"
        if not (kept.exists() and kept.read_text() == digest):
            _sam_build()
            kept.write_text(digest)
    return TEMPLATE


def _sam_build() -> None:
    platform_name = {"FUNCTION_PLATFORM": "native"} if NATIVE else {}
    command = [
        *(sys.executable, "-m", "samcli", "build", "--build-dir", str(DIRECTORY)),
        *("--parameter-overrides", f"Architecture={ARCHITECTURE}"),
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=for_tools() | platform_name,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildFailed(f"sam build ended with {done.returncode}:\n{done.stdout}")


def _digest() -> str:
    digest = hashlib.sha256(f"{ARCHITECTURE} {NATIVE}".encode())
    for path in sorted(_files()):
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(ROOT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _files() -> list[Path]:
    found: list[Path] = []
    for name in _INPUTS:
        path = ROOT / name
        inside = path.rglob("*") if path.is_dir() else [path]
        found += [one for one in inside if one.is_file() and "__pycache__" not in one.parts]
    return found


def main() -> int:
    try:
        build()
    except BuildFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
