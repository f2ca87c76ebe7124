"""Run the generators for longer, or a finding again.

    python -m tests.integration.generators --seed 7 --batches 1000 --only gateway
    python -m tests.integration.generators --seed 7 --start 300 --batches 17 --only gateway

A batch holds ten payments. Without --only the gateway gets all the batches and the slower
generator a part of them. What a seed and a batch's number generate is always the same, but for
keys, ids of messages and times. Exit 0: nothing found; 1: the first finding of each generator is
printed.
"""

from __future__ import annotations

import argparse
import time
import traceback
from collections.abc import Callable
from typing import Any

from tests.integration.generators import circumstances, gateway
from tests.support import aws_server
from tests.support.aws import AwsDouble
from tests.support.keys import make_pair, secret_of
from tests.support.signer import Signer

type Run = Callable[[int, range, AwsDouble, Signer], Any]

RUNS: dict[str, Run] = {"gateway": gateway.run, "circumstances": circumstances.run}
"""By name: seed, numbers of the batches, and the other side of the function. Each returns its
figures as text, and raises `Violation` at the first batch that breaks a promise."""
SLOWER = {"circumstances": 20}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.integration.generators")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="first batch (gateway only)")
    parser.add_argument("--batches", type=int, default=200)
    parser.add_argument("--only", choices=RUNS)
    given = parser.parse_args()
    double, theirs = AwsDouble(), make_pair()
    secret = secret_of(make_pair(), theirs)
    double.reset(secret)
    signer = Signer(theirs.private, secret["clientId"])
    server = aws_server.start(double)
    batches = range(given.start, given.start + given.batches)
    found = False
    for name in [given.only] if given.only else list(RUNS):
        began = time.monotonic()
        try:
            part = batches if given.only else batches[: -(-given.batches // SLOWER.get(name, 1))]
            print(RUNS[name](given.seed, part, double, signer))
        except Exception as error:
            found = True
            print("".join(traceback.format_exception(error, limit=-3)))
        print(f"{name}: seed {given.seed}, {time.monotonic() - began:.0f} s", flush=True)
    server.shutdown()
    server.server_close()
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
