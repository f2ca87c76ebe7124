"""Faults planted into copies of the code, which the ledger must find.

`python -m tests.faults.planted`: each runs the suite on an artifact with one place changed. That
the judge stays silent is the only failure; what it says is printed with its seed.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from sandbox.stack.processes import raise_on_signals
from tests.faults.deployed import patch
from tests.faults.judge import Verdict
from tests.faults.run import run


@dataclass(frozen=True)
class Planted:
    """A change of one place in the code, and the kind of finding that it must cause."""

    name: str
    module: str
    old: str
    new: str
    kind: str

    def change(self, code: Path) -> None:
        patch(code, self.module, self.old, self.new)

    def found(self, verdict: Verdict) -> list[str]:
        lines: list[str] = getattr(verdict, self.kind)
        return lines


_PUBLISHING = "        publishing = {\n"
_RESOLVED = "        failed = self._resolve(decided, effects, time)\n"

PLANTED = [
    Planted(
        "the message is acknowledged before its outcome is published",
        "effects/effects",
        _PUBLISHING,
        """        for one in resolved:
            self.visibility._clients.sqs.delete_message(
                QueueUrl=self.visibility._queue_url, ReceiptHandle=one.request.receipt_handle
            )
"""
        + _PUBLISHING,
        "lost",
    ),
    Planted(
        "a PutEvents failure is swallowed",
        "effects/effects",
        "                    if code is not None:\n",
        "                    if False:\n",
        "lost",
    ),
    Planted(
        "ExecutionAlreadyExists is taken as done, though that tracker has ended",
        "effects/tracker",
        """            if error_code(error) == "ExecutionAlreadyExists":
                return False
""",
        """            if error_code(error) == "ExecutionAlreadyExists":
                return True
""",
        "lost",
    ),
    Planted(
        "an answer is believed though its signature does not verify",
        "alipay/answer",
        "    if not signing.verifies(content, read_header.signature, public_key):\n",
        "    if False:\n",
        "invented",
    ),
    Planted(
        "an effect that failed is taken as done",
        "effects/effects",
        "            if (error := _error(effect)) is not None:\n",
        "            if (error := _error(effect)) is not None and not error:\n",
        "lost",
    ),
    Planted(
        "what was resolved comes back all the same",
        "effects/effects",
        _RESOLVED,
        _RESOLVED
        + """        failed |= {
            one.request.message_id: "planted"
            for one in decided
            if isinstance(one.decision, Resolve) and one.request.attempt == 1
        }
""",
        "unwarranted",
    ),
]


def main() -> int:
    raise_on_signals()
    parser = argparse.ArgumentParser(prog="python -m tests.faults.planted", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--payments", type=int, default=600)
    options = parser.parse_args()
    missed = 0
    for planted in PLANTED:
        report = run(options.seed, options.payments, change=planted.change)
        found = planted.found(report.verdict)
        missed += not found
        word = "CAUGHT" if found else "MISSED"
        print(f"{word} by seed {options.seed}, {options.payments} payments: {planted.name}")
        print("\n".join(f"  {planted.kind}: {line}" for line in found[:3]))
        print(f"  in all: {str(report.verdict).splitlines()[0]}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
