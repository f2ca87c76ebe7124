"""`make report`: the report of the stack that `make up` has started, as far as it has come.

It takes nothing out of the queues.
"""

import sys
from datetime import UTC, datetime

from sandbox.report import page as report
from sandbox.run.attempt import attempts
from sandbox.run.progress import Progress
from sandbox.run.record import Run, record
from sandbox.run.watch import Watch, timeout_seconds
from sandbox.stack.build import ROOT
from sandbox.stack.directory import DEFAULT
from sandbox.stack.lifecycle import Stack


def main() -> int:
    try:
        stack = Stack.load(DEFAULT)
    except FileNotFoundError:
        print("no stack is up: start one with make up", file=sys.stderr)
        return 1
    watch = Watch(stack, keep=True)
    watch.look()
    if not watch.progress:
        print("nothing has happened yet: make send ID=UNKNOWN-2-a", file=sys.stderr)
        return 1
    now = datetime.now(UTC)
    run = Run(
        cases=(),
        progress=watch.progress,
        began=min(_began(one) or now for one in watch.progress.values()),
        ended=now,
        timeout_seconds=timeout_seconds(stack),
    )
    print(f"Report: {report.write(record(run), stack.directory).relative_to(ROOT)}")
    return 0


def _began(progress: Progress) -> datetime | None:
    made = attempts(progress)
    return made[0].began if made else None


if __name__ == "__main__":
    sys.exit(main())
