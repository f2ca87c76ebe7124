"""The fault suite: `python -m tests.faults.run --seed 1 --payments 2000`; see `make help`.

Payments with random scenarios go through the deployed local stack while everything around the
function fails, all of it chosen by the seed. In the end the ledger decides (`judge`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.stack.processes import raise_on_signals
from tests.faults.aws_proxy import AwsProxy
from tests.faults.collect import Collector
from tests.faults.deployed import ROOT, Change, deployed
from tests.faults.evidence import Evidence
from tests.faults.gateway_relay import GatewayRelay
from tests.faults.injector import ALL, KILLS_ONLY, FaultInjector
from tests.faults.judge import Verdict, judge
from tests.faults.plan import plan
from tests.faults.proxy import listening
from tests.faults.run_steps import Run
from tests.faults.workers import Workers
from tests.support.leaks import Material, scan


@dataclass(frozen=True)
class Report:
    """What a run has come to."""

    run: Run
    evidence: Evidence
    verdict: Verdict
    leaks: set[str]
    """Files of the run that show a part of a private key."""

    def __str__(self) -> str:
        run, evidence = self.run, self.evidence
        cases = evidence.cases.values()
        times = [one.at for case in cases for one in case.attempts]
        kinds = Counter(one.kind for case in cases for one in case.outcomes)
        events = sum(len(case.sent) for case in cases)
        lines = [
            f"seed {run.plan.seed}: {len(cases)} payments, {events} events, {run.seconds:.0f} s",
            f"load held: {events / run.plan.loaded_at:.1f} events/s, {len(times)} "
            f"attempts ({len(times) / (max(times) - min(times)):.1f}/s), {run.proxy.calls} AWS "
            f"calls, at most {run.deepest} messages on the queue",
            f"outcome events: {dict(kinds)}, "
            f"dead letters: {sum(len(case.letters) for case in cases)}, "
            f"trackers: {sum(len(case.executions) for case in cases)}",
            f"faults injected: {sum(run.injector.thrown.values())}, "
            f"workers killed in mid-batch: {run.workers.killed}",
            *(f"  {count:5} {kind}" for kind, count in sorted(run.injector.thrown.items())),
            f"files that show a key: {', '.join(sorted(self.leaks)) or 'none'}",
            str(self.verdict),
        ]
        return "\n".join(lines)


def run(seed: int, payments: int, *, kills: int = 0, change: Change | None = None) -> Report:
    """Deploy a stack of its own, run the plan of the seed on it, and judge.

    Parameters
    ----------
    kills
        So many workers are killed, and nothing else fails; 0: everything fails, and 40 are killed.
    change
        A fault that is planted into the code.
    """
    injector = FaultInjector(seed, KILLS_ONLY if kills else ALL, kills or 40)
    workers = Workers()
    relay = GatewayRelay(injector, workers)
    chosen = plan(seed, payments, outages=not kills)
    name = f"faults-{seed}-{os.getpid()}"
    with (
        listening(AwsProxy(injector, workers)) as proxy,
        deployed(name, relay.url, proxy.environment, change) as found,
    ):
        assert found.stack.stand_in is not None
        relay.upstream, proxy.upstream = found.stack.stand_in.url, found.stack.cloud.endpoint_url
        workers.emulator = found.stack.processes[0].pid
        one = Run(
            plan=chosen,
            deployed=found,
            injector=injector,
            workers=workers,
            relay=relay,
            proxy=proxy,
            collector=Collector(found.stack, chosen.payments),
        )
        evidence = one.go()
    relay.close()
    kept = _keep(ROOT / ".sandbox" / name, f"faults-{seed}")
    (kept / "evidence.json").write_text(json.dumps(asdict(evidence), indent=1))
    files = [path for path in kept.rglob("*") if path.is_file()]
    leaks = {path.name for path, _ in scan(files, Material(one.keys))}
    return Report(one, evidence, judge(evidence), leaks)


def _keep(logs: Path, name: str) -> Path:
    """Keep the logs of the last run of a seed, in place of those of the run before."""
    kept = logs.with_name(name)
    shutil.rmtree(kept, ignore_errors=True)
    return logs.rename(kept)


def main() -> int:
    raise_on_signals()
    parser = argparse.ArgumentParser(prog="python -m tests.faults.run", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--payments", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=0, help="only kills, and nothing else fails")
    options = parser.parse_args()
    if not sys.platform.startswith("linux"):
        print("the fault suite needs /proc, to know which worker asks what: Linux only")
        return 2
    report = run(options.seed, options.payments, kills=options.kills)
    print(report)
    if report.run.workers.killed < options.kills:
        print(f"only {report.run.workers.killed} of {options.kills} kills: take more payments")
        return 1
    return 0 if report.verdict.clean and not report.leaks else 1


if __name__ == "__main__":
    sys.exit(main())
