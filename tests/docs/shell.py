"""A person's shell that goes through a document, and the AWS account that its commands reach."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.stack import cloud as embedded
from sandbox.stack.cloud import Cloud
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
    """A POSIX shell beside an embedded AWS.

    Parameters
    ----------
    variables
        What the person has set: `STACK`, …
    """

    def __init__(self, cloud: Cloud, **variables: str) -> None:
        tools = str(Path(sys.executable).parent)
        self.environment = {
            **cloud.environment,
            # What the emulated AWS lacks is caught before the AWS CLI sees it.
            "PATH": os.pathsep.join([str(SUBSTITUTES), tools, os.environ["PATH"]]),
            "TOOLS": tools,
            "PYTHONPATH": str(ROOT),
            **variables,
        }

    def keep(self, commands: str, directory: Path | None = None) -> None:
        """Run commands whose variables the following ones see, as in the shell of a person."""
        with tempfile.NamedTemporaryFile("r") as kept:
            self.run(f"set -a\n{commands}env -0 >{kept.name}", directory)
            entries = kept.read().split("\0")
        self.environment = dict(entry.split("=", 1) for entry in entries if entry)

    def run(self, commands: str, directory: Path | None = None, **variables: str) -> str:
        """Run commands to their end; what they printed.

        Parameters
        ----------
        directory
            Where they run, for commands that read or write a file.
        variables
            What the person fills in, for these commands alone.
        """
        done = subprocess.run(
            ["sh", "-eu", "-c", commands],
            env=self.environment | variables,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), f"{commands}{done.stderr}{done.stdout}"
        return done.stdout

    def start(self, command: str, directory: Path, log: Path) -> subprocess.Popen[bytes]:
        """Start one command that runs until it is stopped."""
        with log.open("wb") as output:
            return subprocess.Popen(
                ["sh", "-eu", "-c", f"exec {command}"],
                env=self.environment,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
