"""An execution environment in a process of its own, so that its memory and time are only its own.

`python -m tests.abuse.environment`: every line of the standard input is a batch, and every line of
the standard error what an invocation with it has come to. The settings come by the environment
variables, as in Lambda; what the function logs goes to the standard output.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from cancel_payment import app

from tests.handler.conftest import Context


def peak_megabytes() -> float:
    """The most memory that this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: on Linux a child that has just been started shows its parent's peak.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def main() -> int:
    for line in sys.stdin:
        began = time.monotonic()
        answer = app.lambda_handler(json.loads(line), Context())  # type: ignore[arg-type]
        result = {
            "kept": len(answer["batchItemFailures"]),
            "seconds": time.monotonic() - began,
            "megabytes": peak_megabytes(),
        }
        print(json.dumps(result), file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
