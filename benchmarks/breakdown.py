"""Where the processor time of a record goes: in the floor, and in this function.

    python -m benchmarks.breakdown floor|attempts DIRECTORY URL SIZE ROUNDS    # one JSON line

Clocks around the parts count the processor time of their own thread, less that of the parts inside
them. They cost a few per cent themselves, so this is a process of its own, whose total is compared
with nothing but its parts. What no clock saw is the threads and their hand-over.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.lab import Lab, run_json
from benchmarks.worker import client, cpu_seconds

REST = "threads, their hand-over"
_SIGN, _VERIFY, _SOCKET = "RSA signature", "RSA verification", "sockets and TLS"


class Clocks:
    """Seconds of processor time by part, over all threads."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._thread = threading.local()

    def around(self, owner: Any, name: str, part: str) -> None:
        """Let this function of a class, a module or an object count as that part."""
        setattr(owner, name, self.timed(getattr(owner, name), part))

    def timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            outside, self._thread.inside = getattr(self._thread, "inside", 0.0), 0.0
            began = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                took = time.thread_time() - began
                with self._lock:
                    self.seconds[part] += took - self._thread.inside
                self._thread.inside = outside + took

        return timed


def measure(lab: Lab, size: int, rounds: int) -> dict[str, dict[str, float]]:
    """Seconds of processor time per record by part, for the floor and for this function."""
    with lab.serving(100) as serving:
        command = [serving.python, "-W", "ignore::SyntaxWarning", "-m", "benchmarks.breakdown"]
        rest = [serving.materials, serving.gateway_url, str(size), str(rounds)]
        return {
            kind: run_json([*command, kind, *rest], serving.function_environment)
            for kind in ("floor", "attempts")
        }


def _watch_floor(floor: Any, clocks: Clocks) -> None:
    class Timed:
        """A key of the extension module takes no attribute."""

    for name, method, part in (("_key", "sign", _SIGN), ("_public", "verify", _VERIFY)):
        key: Any = Timed()
        setattr(key, method, clocks.timed(getattr(getattr(floor, name), method), part))
        setattr(floor, name, key)
    clocks.around(floor, "_cancel", "libcurl with its sockets and TLS, JSON")


def _watch_attempts(clocks: Clocks) -> None:
    import httpcore
    import httpx
    from cancel_payment import attempts, gateway, proof, request, signing
    from httpcore._backends.sync import SyncStream

    own, core = "this function's own code", "httpcore and h11"
    for owner, name, part in (
        (signing, "sign", _SIGN),
        (signing, "verifies", _VERIFY),
        (SyncStream, "read", _SOCKET),
        (SyncStream, "write", _SOCKET),
        (httpcore.HTTPConnection, "handle_request", core),
        (httpcore.HTTPConnection, "has_expired", core),
        (httpcore.HTTP11Connection, "_receive_event", core),
        (httpcore.Request, "__init__", core),
        (httpx.Request, "__init__", "httpx"),
        (httpx.Client, "send", "httpx"),
        (httpx.Response, "close", "httpx"),
        (gateway, "_read", "httpx"),
        (gateway.Gateway, "cancel", own),
        (attempts.Attempts, "_attempt", own),
        (proof, "read", own),
        (request, "read", own),
    ):
        clocks.around(owner, name, part)


def main() -> None:
    kind, directory, url, size, rounds = sys.argv[1:]
    tested, clocks = client(kind, Path(directory), url), Clocks()
    _watch_floor(tested, clocks) if kind == "floor" else _watch_attempts(clocks)
    ids = [f"breakdown-{index}" for index in range(int(size))]
    total = 0.0
    for round_ in range(int(rounds) + 3):
        if round_ == 3:
            clocks.seconds.clear()
            total = 0.0
        batch = tested.batch(ids)
        gc.collect()
        before = cpu_seconds()
        tested.run(batch)
        total += cpu_seconds() - before
    records = int(size) * int(rounds)
    parts = {part: seconds / records for part, seconds in clocks.seconds.items()}
    print(json.dumps(parts | {REST: total / records - sum(parts.values())}))


if __name__ == "__main__":
    main()
