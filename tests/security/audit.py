"""`make audit`: known vulnerabilities of the packages that the function's artifact holds.

uv itself compares what uv.lock pins with the OSV database (osv.dev). A finding fails the build. A
database that cannot be reached does not, since nothing has been learned then: it is said loudly.
"""

from __future__ import annotations

import subprocess
import sys
from enum import IntEnum
from pathlib import Path

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"


class Uv(IntEnum):
    """How `uv audit` ends."""

    CLEAN = 0
    FOUND = 1
    FAILED = 2


# Without a development group: what packaging/build.sh installs.
COMMAND = [
    *("audit", "--project", str(ROOT), "--frozen", "--no-dev"),
    *("--preview-features", "audit-command"),
    *("--python-version", "3.13", "--python-platform", "aarch64-manylinux_2_28"),
]
# uv tells a database that is away from every other failure by its text alone.
_AWAY = ("error sending request", "Request failed after", "dns error", "timed out")


def audit(command: list[str]) -> int:
    """Run `uv audit`, and say what it has or has not found; the exit status."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout, end="")
    if done.returncode == Uv.FAILED and any(text in done.stderr for text in _AWAY):
        print("NOT AUDITED: could not reach the vulnerability service (osv.dev):", file=sys.stderr)
        print(done.stderr.strip(), file=sys.stderr)
        return 0
    print(done.stderr, end="", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(audit([str(UV), *COMMAND]))
