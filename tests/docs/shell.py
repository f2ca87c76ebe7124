"""A person's shell that goes through a document, and the AWS account that its commands reach."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import cloud as embedded
from sandbox.cloud import Cloud
from tests.docs.documents import ROOT

SUBSTITUTES = ROOT / "tests" / "runbook" / "substitutes"


@contextmanager
def account(directory: Path) -> Iterator[Cloud]:
    """An AWS account in which there is nothing."""
    directory.mkdir()
    cloud, process = embedded.start(directory)
    try:
        embedded.wait_until_ready(cloud, process, directory / "cloud.log")
        yield cloud
    finally:
        process.stop()


class Shell:
    """A POSIX shell beside an embedded AWS, in a directory of its own. What one block sets, the
    next ones see.

    Parameters
    ----------
    directory
        Where commands run and write; what they read of the repository is linked into it.
    variables
        What the person has set: `STACK`, …
    """

    def __init__(self, cloud: Cloud, directory: Path, **variables: str) -> None:
        for name in ("docs", "events"):
            (directory / name).symlink_to(ROOT / name)
        tools = str(Path(sys.executable).parent)
        self._directory = directory
        self._kept = directory / ".environment"
        self._functions = ""
        self.environment = {
            **cloud.environment,
            # The `aws` there reaches the embedded AWS whatever the version of the AWS CLI.
            "PATH": os.pathsep.join([str(SUBSTITUTES), tools, os.environ["PATH"]]),
            "TOOLS": tools,
            **variables,
        }

    def run(self, commands: str) -> str:
        """Run a block to its end; what it printed."""
        done = subprocess.run(
            ["sh", "-eu", "-c", f"set -a\n{self._functions}{commands}env -0 >{self._kept}"],
            env=self.environment,
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), f"{commands}{done.stderr}{done.stdout}"
        kept = self._kept.read_text().split("\0")
        self.environment = dict(entry.split("=", 1) for entry in kept if entry)
        return done.stdout

    def define(self, commands: str) -> str:
        """Run a block whose functions the following blocks use."""
        printed = self.run(commands)
        self._functions += commands
        return printed

    def start(self, commands: str, log: Path) -> subprocess.Popen[bytes]:
        """Start a block that runs until it is stopped."""
        with log.open("wb") as output:
            return subprocess.Popen(
                ["sh", "-eu", "-c", f"exec {commands}"],
                env=self.environment,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
