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


@dataclass(frozen=True)
class Report:
    """What a run has come to."""

    evidence: Evidence
    injected: Counter[str]
    killed: int
    verdict: Verdict

    def __str__(self) -> str:
        cases = self.evidence.cases.values()
        kinds = Counter(one.kind for case in cases for one in case.outcomes)
        kinds["dead letter"] = sum(len(case.letters) for case in cases)
        lines = [
            f"{len(cases)} payments, {sum(len(case.sent) for case in cases)} events, "
            f"{sum(len(case.attempts) for case in cases)} attempts, ends: {dict(kinds)}",
            *(f"  {count:5} {kind}" for kind, count in sorted(self.injected.items())),
            f"workers killed in mid-batch: {self.killed}",
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
    relay = GatewayRelay(workers)
    chosen = plan(seed, payments, outages=not kills)
    name = f"faults-{seed}-{os.getpid()}"
    with (
        listening(AwsProxy(injector, workers)) as proxy,
        deployed(name, relay.url, proxy.environment, change) as stack,
    ):
        assert stack.stand_in is not None
        relay.upstream, proxy.upstream = stack.stand_in.url, stack.cloud.endpoint_url
        workers.emulator = stack.processes[0].pid
        evidence = Run(
            plan=chosen,
            stack=stack,
            injector=injector,
            workers=workers,
            relay=relay,
            proxy=proxy,
            collector=Collector(stack, chosen.payments),
        ).go()
    relay.close()
    # The logs of the last run of a seed, in place of those of the run before.
    kept = ROOT / ".sandbox" / f"faults-{seed}"
    shutil.rmtree(kept, ignore_errors=True)
    (ROOT / ".sandbox" / name).rename(kept)
    (kept / "evidence.json").write_text(json.dumps(asdict(evidence), indent=1))
    return Report(evidence, injector.thrown, workers.killed, judge(evidence))


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
    if report.killed < options.kills:
        print(f"only {report.killed} of {options.kills} kills: take more payments")
        return 1
    return 0 if report.verdict.clean else 1


if __name__ == "__main__":
    sys.exit(main())
