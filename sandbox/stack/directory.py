"""The directory of one stack below `.sandbox/`: how it is made, what it says, what is left of it.

While the stack runs, `stack.json` tells other commands where everything is. When it has been taken
down, only the logs are left.
"""

import contextlib
import json
import shutil
import signal
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.stack.build import ROOT
from sandbox.stack.cloud import Cloud
from sandbox.stack.processes import Process
from sandbox.stack.stand_in import StandIn

STACKS = ROOT / ".sandbox"
# The stack of `make up`.
DEFAULT = "sandbox"
_FILE = "stack.json"
# What `sam local` reads. SAM names the path where there is no file: the name says what to do.
CONTAINERS = "run-make-up-first"


def make(name: str) -> Path:
    """An empty directory for the stack of that name, of which nothing from before still runs."""
    take_down_recorded(name)
    directory = STACKS / name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def write(directory: Path, fields: Mapping[str, Any]) -> None:
    """Keep the fields of a running stack."""
    kept = {**fields, "directory": str(directory)}
    kept["cloud"] = asdict(fields["cloud"])
    kept["stand_in"] = asdict(fields["stand_in"]) if fields["stand_in"] else None
    kept["processes"] = [{"pid": one.pid, "started": one.started} for one in fields["processes"]]
    (directory / _FILE).write_text(json.dumps(kept, indent=2))


def read(name: str) -> dict[str, Any]:
    """The fields of a running stack.

    Raises
    ------
    FileNotFoundError
        No stack of that name runs.
    """
    kept: dict[str, Any] = json.loads((STACKS / name / _FILE).read_text())
    return kept | {
        "directory": Path(kept["directory"]),
        "cloud": Cloud(**kept["cloud"]),
        "stand_in": StandIn(**kept["stand_in"]) if kept["stand_in"] else None,
        "processes": _processes(kept),
    }


def take_down_recorded(name: str) -> None:
    """Take down what the file of that stack names, if there is one; part of it may have ended."""
    directory = STACKS / name
    with contextlib.suppress(FileNotFoundError):
        take_down(directory, _processes(json.loads((directory / _FILE).read_text())))


def take_down(directory: Path, processes: Iterable[Process]) -> None:
    """Stop the processes and remove all that they kept, whatever signal comes meanwhile."""
    # A second Ctrl-C must not leave half of it running: it counts once all is down.
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    earlier = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        for process in processes:
            process.stop()
        for name in ("cloud", "keys", "sam", CONTAINERS):
            shutil.rmtree(directory / name, ignore_errors=True)
        (directory / _FILE).unlink(missing_ok=True)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, earlier)


def _processes(kept: Mapping[str, Any]) -> tuple[Process, ...]:
    return tuple(Process(**one) for one in kept["processes"])
