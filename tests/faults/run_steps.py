"""One run: the plan's steps are taken, one after the other, until all has ended."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.gateway import keys
from sandbox.stack.stand_in import StandIn
from tests.faults.aws_proxy import AwsProxy
from tests.faults.collect import Collector
from tests.faults.deployed import Deployed
from tests.faults.evidence import REJECTED, Evidence, Payment
from tests.faults.gateway_relay import MODES, GatewayRelay
from tests.faults.injector import FaultInjector
from tests.faults.plan import GATEWAY_TIMEOUT_SECONDS, Plan, Step
from tests.faults.workers import Workers
from tests.support.leaks import Material

# How long nothing at all may change before the run is called over, whatever is still open.
_STILL_SECONDS = 150.0
# And how long after the last event it is called over though things go on for ever.
_AT_MOST_SECONDS = 1200.0
# Just below the timeout of an attempt: some answers come in time.
_SLOW_MS = GATEWAY_TIMEOUT_SECONDS * 1000 - 100
_DRAIN_EVERY_SECONDS = 3.0
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(kw_only=True)
class Run:
    """One run: the stack, the faults in its lines, and what was done so far."""

    plan: Plan
    deployed: Deployed
    injector: FaultInjector
    workers: Workers
    relay: GatewayRelay
    proxy: AwsProxy
    collector: Collector
    began: float = 0.0
    keys: dict[bytes, str] = field(default_factory=dict)
    """Pieces of all the private keys that were in use; held no longer than the run."""
    deepest: int = 0
    deploying: list[Future[None]] = field(default_factory=list)

    def go(self) -> Evidence:
        self._note_keys()
        for payment in self.plan.payments:
            # Those whose window the stand-in shall find closed.
            if payment.id.startswith("CLOSED"):
                self._stand_in.register(json.loads(payment.body))
        self.began = time.monotonic()
        self.injector.active = True
        with self._watch(), ThreadPoolExecutor(1) as deployer:
            self._follow(deployer)
            # Kills are counted, other faults are not: they have to end for the run to end.
            self.injector.active = not self.injector.rates.faults
            self.relay.mode = "normal"
            for one in self.deploying:
                one.result()
            self._wait_for_the_end()
        evidence = self.collector.finish()
        for name, case in evidence.cases.items():
            case.explained, case.unheard = self.workers.explained[name], self.relay.unheard[name]
        return evidence

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def _stand_in(self) -> StandIn:
        assert self.deployed.stack.stand_in is not None
        return self.deployed.stack.stand_in

    @property
    def _keys_directory(self) -> Path:
        return self.deployed.stack.directory / "keys"

    def _note_keys(self) -> None:
        self.keys |= Material.in_directories([self._keys_directory]).pieces

    @contextmanager
    def _watch(self) -> Iterator[None]:
        """Notice workers that die by themselves."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.3):
                self.workers.look()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        yield
        done.set()
        thread.join()
        self.workers.look()

    def _follow(self, deployer: ThreadPoolExecutor) -> None:
        waiting, drained = list(reversed(self.plan.steps)), 0.0
        while waiting:
            due: list[Step] = []
            while waiting and waiting[-1].at <= self.seconds and len(due) < 200:
                due.append(waiting.pop())
            self._send([one.payment for one in due if one.payment is not None])
            for step in due:
                if step.payment is None:
                    self._do(step, deployer)
            if self.seconds - drained > _DRAIN_EVERY_SECONDS:
                self.collector.drain()
                self.deepest = max(self.deepest, self.collector.left())
                drained = self.seconds
            time.sleep(0.05 if not due else 0)

    def _send(self, payments: list[Payment]) -> None:
        readable = [one for one in payments if REJECTED not in one.ends]
        for first in range(0, len(readable), 10):
            part = readable[first : first + 10]
            for one in part:
                self.collector.evidence.cases[one.id].sent.append(time.time())
            kind = "Payment Expired" if first % 20 else "Payment Closed"
            self.deployed.stack.put_events([json.loads(one.body) for one in part], kind)
        for one in payments:
            if REJECTED in one.ends:
                # Not by the bus, which would make JSON of it.
                self.collector.evidence.cases[one.id].sent.append(time.time())
                self.deployed.stack.cloud.client("sqs").send_message(
                    QueueUrl=self.deployed.stack.queue_url, MessageBody=one.body
                )

    def _do(self, step: Step, deployer: ThreadPoolExecutor) -> None:
        stack = self.deployed.stack
        match step.does:
            case "mode":
                self._change_mode(step.word)
            case "make keys":
                keys.rotate(self._keys_directory)
                self._note_keys()
            case "rotate secret":
                secret = (self._keys_directory / "secret.json").read_text()
                stack.cloud.client("secretsmanager").put_secret_value(
                    SecretId=stack.secret_arn, SecretString=secret
                )
                self.injector.count("keys", "rotated in the secret")
            case "rotate gateway":
                self._tell_stand_in("reload")
                self.injector.count("keys", "rotated at the gateway")
            case "deploy":
                self.deploying.append(deployer.submit(self.deployed.deploy_again))
                self.injector.count("deployment", "new version")

    def _change_mode(self, mode: str) -> None:
        """Of the line to the gateway or of the gateway; both are normal again after `normal`."""
        self.relay.mode = mode if mode in MODES else "normal"
        if self.relay.mode == "normal":
            # Not the stand-in's own mode `slow`, in which every payment succeeds.
            slow = {"mode": "normal", "latencyMs": _SLOW_MS}
            self._tell_stand_in("mode", **(slow if mode == "slow" else {"mode": mode}))
        if mode != "normal":
            self.injector.count("gateway", mode)

    def _tell_stand_in(self, path: str, **body: Any) -> None:
        request = urllib.request.Request(
            f"{self._stand_in.url}/_sandbox/{path}",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with _OPENER.open(request, timeout=30) as response:
            response.read()

    def _wait_for_the_end(self) -> None:
        """Until nothing is left to happen, or nothing has happened for long."""
        seen: tuple[int, ...] = ()
        changed = time.monotonic()
        over = changed + _AT_MOST_SECONDS
        while time.monotonic() < min(over, changed + _STILL_SECONDS):
            self.collector.drain()
            untold = len(self.plan.payments) - self.collector.told()
            left, running = self.collector.left(), self.collector.running()
            if not (untold or left or running):
                return
            if seen != (seen := (untold, left, running, self.relay.requests, self.proxy.calls)):
                changed = time.monotonic()
            time.sleep(1)
