"""Servers of the sandbox as processes: started apart from the terminal, stopped to the last child.

Each gets a session of its own, so that Ctrl-C reaches only the command that the person started,
which then takes the servers down in order, and so that their children (the function's workers)
can be stopped as one group.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# They keep nothing that outlives them, so there is nothing to wait for but a quick end.
STOP_SECONDS = 0.5
READY_SECONDS = 30.0


class ProcessFailed(Exception):
    """A server did not come up; the text ends with what it said last."""


@dataclass(frozen=True, slots=True)
class Process:
    """A started server, in a form that a file can keep.

    `started` tells it from another process that has got the same id by the time somebody asks
    for the server to be stopped. `child` is there only for who started it.
    """

    pid: int
    started: str
    child: subprocess.Popen[bytes] | None = field(default=None, compare=False, repr=False)

    @property
    def alive(self) -> bool:
        if self.child is not None and self.child.poll() is not None:
            return False
        return bool(self.started) and _start_time(self.pid) == self.started

    def stop(self) -> None:
        """Ask the whole group to end; end it by force if it does not."""
        if not self.alive:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)
            if self._gone():
                return
        if self.child is not None:
            self.child.wait()  # killed, but a busy machine may take longer to let it go

    def _gone(self) -> bool:
        until = time.monotonic() + STOP_SECONDS
        while time.monotonic() < until:
            if self.child is not None:
                self.child.poll()  # a child that has ended stays in the table until asked for
            try:
                os.killpg(self.pid, 0)
            except (ProcessLookupError, PermissionError):
                return True
            time.sleep(0.05)
        return False


def start(
    command: Sequence[str | Path], *, environment: Mapping[str, str], directory: Path, log: Path
) -> Process:
    """Start a server whose output goes to `log`."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Process(child.pid, _start_time(child.pid), child)


def wait_for_line(process: Process, log: Path, text: str) -> str:
    """Wait for the line with this text, by which a server says that it listens.

    Raises
    ------
    ProcessFailed
        It has ended, or says nothing in time.
    """
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        for line in last_lines(log).splitlines():
            if text in line:
                return line
        if not process.alive:
            break
        time.sleep(0.05)
    raise ProcessFailed(f"{log.stem} did not come up; it said last:\n{last_lines(log)}")


def last_lines(log: Path, number: int = 20) -> str:
    """What a server said last."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-number:])


def raise_on_signals() -> None:
    """Let every signal that asks for an end raise an exception, so that `with` cleans up."""
    # SIGINT too: a shell makes what it starts in the background ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _start_time(pid: int) -> str:
    with contextlib.suppress(OSError):
        # Field 22, counted behind the name, which may hold anything but ends with the last ")".
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # One that has ended stays in the table for as long as nobody asks, as in some containers.
        return "" if fields[0] == "Z" else fields[19]
    if Path("/proc/self").exists():
        return ""
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()
