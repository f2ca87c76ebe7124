"""Where commands of documents are typed: a shell beside an AWS account, a copy of this clone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.stack import cloud as embedded
from sandbox.stack.build import DIRECTORY
from sandbox.stack.cloud import Cloud
from sandbox.stack.environment import for_tools
from tests.docs.documents import ROOT

# What the emulated AWS lacks is caught before the AWS CLI sees it.
SUBSTITUTES = ROOT / "tests" / "runbook" / "substitutes"
_TOOLS = str(Path(sys.executable).parent)
_MADE_HERE = shutil.ignore_patterns(
    *(".git", ".venv", ".uv", ".sandbox", ".aws-sam", ".*_cache", ".hypothesis"),
    *("__pycache__", "node_modules", "installing-*", "mutants"),
)


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


def typed(commands: str, directory: Path, **variables: str) -> str:
    """Run commands that need no AWS account to their end; what they printed."""
    path = os.pathsep.join([_TOOLS, os.environ["PATH"]])
    done = _run(commands, {**os.environ, "PATH": path, **variables}, directory)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run(
    commands: str, environment: Mapping[str, str], directory: Path | None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-eu", "-c", commands],
        env=environment,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


class Shell:
    """A POSIX shell beside an embedded AWS.

    Parameters
    ----------
    variables
        What the person has set: `STACK`, …
    """

    def __init__(self, cloud: Cloud, **variables: str) -> None:
        self.environment = {
            **cloud.environment,
            "PATH": os.pathsep.join([str(SUBSTITUTES), _TOOLS, os.environ["PATH"]]),
            "TOOLS": _TOOLS,
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
        done = _run(commands, self.environment | variables, directory)
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


class Clone:
    """Commands as a person types them in a copy of this clone: what they write, nobody misses."""

    def __init__(self, directory: Path) -> None:
        shutil.copytree(ROOT, directory, ignore=_MADE_HERE)
        if DIRECTORY.exists():  # what it holds is built again where it does not fit
            shutil.copytree(DIRECTORY, directory / DIRECTORY.relative_to(ROOT))
        # Without it ruff would not read .gitignore, and would format the artifact.
        (directory / ".git").mkdir()
        # The environment of this clone, as if it had been made there: a new one takes a minute.
        (directory / ".venv").mkdir()
        for entry in (ROOT / ".venv").iterdir():
            (directory / ".venv" / entry.name).symlink_to(entry)
        (directory / ".venv" / ".synced").unlink(missing_ok=True)
        (directory / ".venv" / ".synced").write_text(f"{directory.resolve()}\n")
        self.directory = directory

    def environment(self, cloud: Cloud | None = None) -> dict[str, str]:
        """What a command sees; with a cloud, that is the AWS account."""
        path = os.pathsep.join([str(SUBSTITUTES), os.environ["PATH"]])
        own = {"PATH": path, "TOOLS": str(ROOT / ".venv" / "bin")}
        # SAM keeps files of its own in the person's home otherwise.
        own["__SAM_CLI_APP_DIR"] = str(self.directory / ".sandbox" / "sam")
        return (cloud.environment if cloud else for_tools()) | own

    def run(
        self, command: str, cloud: Cloud | None = None, status: int = 0, typed: str = ""
    ) -> str:
        """Run a command to its end, which must be that exit status; what it printed."""
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.directory,
            env=self.environment(cloud),
            input=typed,
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
