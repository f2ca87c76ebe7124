"""The processes in which the embedded AWS runs the function: whose connection is whose, and death.

Only Linux tells who holds the other end of a connection, by `/proc`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from pathlib import Path

_PROC = Path("/proc")
_BATCH = 10


class Workers:
    """Knows the function's workers by their connections, and what each was last busy with.

    A worker has one batch of at most ten in hand, sends at most one request for each of it, and
    names at most each of it to AWS. So what its death or a refused effect can bring back is among
    the last ten of either, however fast or slow the machine is.
    """

    def __init__(self) -> None:
        self.emulator: int | None = None
        self.killed = 0
        self.explained: Counter[str] = Counter()
        self._requests: dict[int, deque[str]] = defaultdict(lambda: deque(maxlen=_BATCH))
        self._named: dict[int, deque[str]] = defaultdict(lambda: deque(maxlen=_BATCH))
        self._dead: set[int] = set()
        self._sockets: dict[bytes, int] = {}
        self._lock = threading.Lock()
        self._looking = threading.Lock()

    def of_port(self, port: int) -> int | None:
        """The worker that holds this local port of loopback, if it is one."""
        inode = _inode(port)
        if inode is None:
            return None
        with self._looking:
            if inode not in self._sockets:
                # One look finds all the connections that a batch has just opened.
                self._sockets = {one: pid for pid in self._alive() for one in _sockets(pid)}
            return self._sockets.get(inode)

    def note(self, pid: int | None, payment: str) -> None:
        """A worker asks for this payment."""
        if pid is not None:
            with self._lock:
                self._requests[pid].append(payment)

    def name(self, pid: int | None, payments: Iterable[str]) -> None:
        """A worker tells AWS of these; with the gateway down it has asked for none of them."""
        if pid is not None:
            with self._lock:
                self._named[pid].extend(payments)

    def explain(self, pid: int | None) -> None:
        """Something was done to this worker's batch: each message of it may come back once."""
        with self._lock:
            if pid is not None:
                self.explained.update(Counter(self._requests[pid]) | Counter(self._named[pid]))

    def explain_one(self, payment: str) -> None:
        with self._lock:
            self.explained[payment] += 1

    def kill(self, pid: int | None) -> bool:
        """SIGKILL; whether there was somebody to kill."""
        if pid is None or pid not in self._alive():
            return False
        self.explain(pid)
        with self._lock:
            self._dead.add(pid)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.killed += 1
        return True

    def look(self) -> None:
        """Explain the batches of workers that have died without a word: a time-out of Lambda."""
        alive = self._alive()
        with self._lock:
            known = self._requests.keys() | self._named.keys()
            gone = [pid for pid in known if pid not in alive and pid not in self._dead]
            self._dead.update(gone)
        for pid in gone:
            self.explain(pid)

    def _alive(self) -> set[int]:
        return {
            int(one.name)
            for one in _PROC.iterdir()
            if one.name.isdigit() and _parent(one) == self.emulator
        }


def _parent(process: Path) -> int | None:
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # A zombie is dead already.
    return None if fields[0] == "Z" else int(fields[1])


def _inode(port: int) -> bytes | None:
    table = (_PROC / "net" / "tcp").read_bytes()
    at = table.find(b": 0100007F:%04X " % port)
    if at < 0:
        return None
    inode = table[at : table.index(b"\n", at)].split()[9]
    return None if inode == b"0" else inode


def _sockets(pid: int) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        for one in os.scandir(f"/proc/{pid}/fd"):
            target = os.readlink(one.path)
            if target.startswith("socket:["):
                yield target[8:-1].encode()
