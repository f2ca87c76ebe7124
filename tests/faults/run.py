"""The fault suite: `python -m tests.faults.run --seed 1 --payments 2000`; see `make help`.

Payments with random scenarios go through the deployed local stack while everything around the
function fails, all of it chosen by the seed. In the end the ledger decides (`judge`).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from sandbox.stack.processes import raise_on_signals
from tests.faults.aws_proxy import AwsProxy
from tests.faults.collect import Collector
from tests.faults.deployed import ROOT, Change, deployed
from tests.faults.gateway_relay import GatewayRelay
from tests.faults.injector import ALL, KILLS_ONLY, FaultInjector, Rates
from tests.faults.judge import judge
from tests.faults.plan import EVENTS_A_SECOND, GATEWAY_TIMEOUT_SECONDS, plan
from tests.faults.report import Report
from tests.faults.run_steps import Run
from tests.faults.workers import Workers


def run(
    seed: int,
    payments: int,
    *,
    rates: Rates = ALL,
    kills: int = 40,
    outages: bool = True,
    rate: float = EVENTS_A_SECOND,
    change: Change | None = None,
) -> Report:
    """Deploy a stack of its own, run the plan of the seed on it, and judge.

    Parameters
    ----------
    kills
        At most so many workers are killed.
    change
        A fault that is planted into the code.
    """
    injector, workers = FaultInjector(seed, rates, kills), Workers()
    relay = GatewayRelay(injector, workers, GATEWAY_TIMEOUT_SECONDS)
    proxy = AwsProxy(injector, workers)
    chosen = plan(seed, payments, outages=outages, rate=rate)
    name = f"faults-{seed}-{os.getpid()}"
    try:
        with deployed(name, gateway_url=relay.url, aws_url=proxy.url, change=change) as found:
            stack = found.stack
            assert stack.stand_in is not None
            relay.upstream, proxy.upstream = stack.stand_in.url, stack.cloud.endpoint_url
            workers.emulator = stack.processes[0].pid
            collector = Collector(stack, chosen.payments)
            one = Run(
                plan=chosen,
                deployed=found,
                injector=injector,
                workers=workers,
                relay=relay,
                proxy=proxy,
                collector=collector,
            )
            evidence = one.go()
    finally:
        relay.close()
        proxy.close()
    kept = _keep(ROOT / ".sandbox" / name, f"faults-{seed}")
    evidence.write(kept / "evidence.json")
    return Report(one, evidence, judge(evidence), one.keys.leaks(kept))


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
    parser.add_argument("--kills", type=int, help="only kills, so many, and nothing else fails")
    options = parser.parse_args()
    if not sys.platform.startswith("linux"):
        print("the fault suite needs /proc, to know which worker asks what: Linux only")
        return 2
    if options.kills:
        report = run(
            options.seed, options.payments, rates=KILLS_ONLY, kills=options.kills, outages=False
        )
    else:
        report = run(options.seed, options.payments)
    print(report)
    if options.kills and report.run.workers.killed < options.kills:
        print(f"only {report.run.workers.killed} of {options.kills} kills: take more payments")
        return 1
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main())
