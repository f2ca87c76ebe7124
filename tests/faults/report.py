"""What a run has come to, for people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.faults.evidence import Evidence
from tests.faults.judge import Verdict
from tests.faults.run_steps import Run


@dataclass(frozen=True)
class Report:
    """What a run has come to."""

    run: Run
    evidence: Evidence
    verdict: Verdict
    leaks: list[str]
    """Files of the run that show a part of a private key."""

    @property
    def clean(self) -> bool:
        return self.verdict.clean and not self.leaks

    def __str__(self) -> str:
        run, evidence = self.run, self.evidence
        span = max(one.at for one in evidence.attempts) - min(one.at for one in evidence.attempts)
        kinds = Counter(one.kind for one in evidence.outcomes)
        lines = [
            f"seed {run.plan.seed}: {len(evidence.payments)} payments, "
            f"{len(evidence.sent)} events, {run.seconds:.0f} s",
            f"load held: {len(evidence.sent) / run.plan.loaded_at:.1f} events/s, "
            f"{len(evidence.attempts)} attempts ({len(evidence.attempts) / span:.1f}/s), "
            f"{run.proxy.calls} AWS calls, at most {run.deepest} messages on the queue",
            f"outcome events: {dict(kinds)}, dead letters: {len(evidence.dead_letters)}, "
            f"trackers: {len(evidence.executions)}",
            f"faults injected: {sum(run.injector.thrown.values())}, "
            f"workers killed in mid-batch: {run.workers.killed}",
            *(f"  {count:5} {kind}" for kind, count in sorted(run.injector.thrown.items())),
            f"files that show a key: {', '.join(self.leaks) or 'none'}",
            str(self.verdict),
        ]
        return "\n".join(lines)
