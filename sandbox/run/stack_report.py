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
from sandbox.stack.running import NotUp, running_stack


def main() -> int:
    try:
        with running_stack() as stack:
            watch = Watch(stack, keep=True)
            watch.look()
            timeout = timeout_seconds(stack)
    except NotUp as error:
        print(error, file=sys.stderr)
        return 1
    if not watch.progress:
        print("nothing has happened yet: make send ID=UNKNOWN-2-a", file=sys.stderr)
        return 1
    now = datetime.now(UTC)
    run = Run(
        cases=(),
        progress=watch.progress,
        began=min(_began(one) or now for one in watch.progress.values()),
        ended=now,
        timeout_seconds=timeout,
    )
    print(f"Report: {report.write(record(run), stack.directory).relative_to(ROOT)}")
    return 0


def _began(progress: Progress) -> datetime | None:
    made = attempts(progress)
    return made[0].began if made else None


if __name__ == "__main__":
    sys.exit(main())
