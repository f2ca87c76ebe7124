"""One process under test. It runs batches on request and says what each one took.

    python -m benchmarks.worker KIND DIRECTORY URL    # one batch a line in, one JSON line out

A line is the batch's size, and `collect` where the garbage of the batches before is to be none of
this one's. CPU time is this process's own, user and system, children and servers not included.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, Protocol


class Client(Protocol):
    """What can cancel a batch."""

    def batch(self, ids: list[str]) -> Any:
        """The payments in the form in which they reach the client; not measured."""

    def run(self, batch: Any) -> int:
        """Cancel each; how many succeeded."""


def client(kind: str, directory: Path, url: str) -> Client:
    """The client of that kind; only its own modules are imported."""
    match kind:
        case "floor":
            from benchmarks.floor import Floor

            return Floor(directory, url)
        case "sdk":
            from benchmarks.sdk import Sdk

            return Sdk(directory, url)
        case "attempts":
            from benchmarks.ours import Attempts

            return Attempts()
        case "handler":
            from benchmarks.ours import Handler

            return Handler()
    raise ValueError(kind)


def used() -> tuple[float, int]:
    """Seconds of processor time so far; bytes resident, where the system does not tell the most."""
    usage, statm = resource.getrusage(resource.RUSAGE_SELF), Path("/proc/self/statm")
    most = usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024
    if statm.exists():
        most = int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return usage.ru_utime + usage.ru_stime, most


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    # Log lines and metrics are written in full, to where Lambda's would cost nothing more.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    kind, directory, url = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    tested = client(kind, directory, url)
    number = itertools.count()
    for line in sys.stdin:
        number_of_records, *collect = line.split()
        size = int(number_of_records)
        batch = tested.batch([f"{kind}-{os.getpid()}-{next(number)}" for _ in range(size)])
        if collect:
            gc.collect()
        cpu, began = used()[0], time.perf_counter()
        done = tested.run(batch)
        wall = time.perf_counter() - began
        now, resident = used()
        if done != size:
            raise SystemExit(f"{kind}: {done} of {size} succeeded")
        found = {"size": size, "wall": wall, "cpu": now - cpu, "rss": resident}
        answers.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
