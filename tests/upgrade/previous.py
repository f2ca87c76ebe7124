"""The version before, out of the history and built as it was built then."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

from sandbox.stack.build import ARCHITECTURE, NATIVE, ROOT

# 1.0.0
COMMIT: Final = "4a9488a4449c5e52874ba5a7ca93292e9ebacf17"


def there() -> bool:
    """Whether this clone's history reaches back to it; a shallow one's does not."""
    found = subprocess.run(
        ["git", "cat-file", "-e", f"{COMMIT}^{{commit}}"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    return found.returncode == 0


def build(directory: Path) -> Path:
    """Build it below the directory, from its own lock file; returns the built template."""
    archive = subprocess.run(
        ["git", "archive", COMMIT], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(directory, filter="data")
    tools = Path(sys.executable).parent
    environment = {
        **os.environ,
        "SAM_CLI_TELEMETRY": "0",
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",  # uv, which its own clone would have
    }
    if NATIVE:
        environment["FUNCTION_PLATFORM"] = "native"
    subprocess.run(
        [
            *(sys.executable, "-m", "samcli", "build"),
            *("--parameter-overrides", f"Architecture={ARCHITECTURE}"),
        ],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return directory / ".aws-sam" / "build" / "template.yaml"
