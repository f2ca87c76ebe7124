"""A copy of this clone in which a document's commands are run: what they write, nobody misses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.stack.cloud import Cloud
from sandbox.stack.environment import for_tools
from tests.docs.documents import ROOT
from tests.docs.shell import SUBSTITUTES

_MADE_HERE = shutil.ignore_patterns(
    *(".git", ".venv", ".uv", ".sandbox", ".aws-sam", ".*_cache", ".hypothesis"),
    *("__pycache__", "node_modules", "installing-*", "mutants"),
)


class Clone:
    """Commands as a person types them in a clone that has the development environment."""

    def __init__(self, directory: Path) -> None:
        shutil.copytree(ROOT, directory, ignore=_MADE_HERE)
        # Without it ruff would not read .gitignore, and would format the artifact.
        (directory / ".git").mkdir()
        (directory / ".venv").symlink_to(ROOT / ".venv")
        self.directory = directory

    def environment(self, cloud: Cloud | None = None) -> dict[str, str]:
        """What a command sees; with a cloud, that is the AWS account."""
        path = os.pathsep.join([str(SUBSTITUTES), os.environ["PATH"]])
        own = {"PATH": path, "TOOLS": str(ROOT / ".venv" / "bin")}
        # SAM keeps files of its own in the person's home otherwise.
        own["__SAM_CLI_APP_DIR"] = str(self.directory / ".sandbox" / "sam")
        return (cloud.environment if cloud else for_tools()) | own

    def run(self, command: str, cloud: Cloud | None = None, status: int = 0) -> str:
        """Run a command to its end, which must be that exit status; what it printed."""
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.directory,
            env=self.environment(cloud),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=150,
            check=False,
        )
        assert done.returncode == status, f"{command} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    @property
    def stack(self) -> Mapping[str, Any]:
        """What the running stack of this copy has written about itself."""
        kept: dict[str, Any] = json.loads(
            (self.directory / ".sandbox" / "sandbox" / "stack.json").read_text()
        )
        return kept
