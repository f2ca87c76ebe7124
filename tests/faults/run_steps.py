"""One run: the plan's steps are taken, one after the other, until all has ended."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.gateway import keys
from tests.faults.aws_proxy import AwsProxy
from tests.faults.collect import Collector
from tests.faults.deployed import Deployed
from tests.faults.evidence import REJECTED, Evidence, Payment, Sent
from tests.faults.gateway_relay import MODES, GatewayRelay
from tests.faults.injector import FaultInjector
from tests.faults.leaks import Keys
from tests.faults.plan import GATEWAY_TIMEOUT_SECONDS, Plan, Step
from tests.faults.workers import Workers

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
    sent: list[Sent] = field(default_factory=list)
    keys: Keys = field(default_factory=Keys)
    deepest: int = 0
    _deploying: threading.Thread | None = None
    _deploy_failed: list[Exception] = field(default_factory=list)

    def go(self) -> Evidence:
        self.keys.note(self._keys_directory)
        self._register()
        self.began = time.monotonic()
        self.injector.active = True
        with self._watch():
            self._follow(self.plan.steps)
            # Kills are counted, other faults are not: they have to end for the run to end.
            self.injector.active = not self.injector.rates.faults
            self.relay.mode = "normal"
            if self._deploying is not None:
                self._deploying.join()
            if self._deploy_failed:
                raise self._deploy_failed[0]
            self._wait_for_the_end()
            self.workers.look()
        return self.collector.evidence(self.sent, self.workers.explained, self.relay.unheard)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def _keys_directory(self) -> Path:
        return self.deployed.stack.directory / "keys"

    def _register(self) -> None:
        """Tell the stand-in of the payments whose window it shall find closed."""
        assert self.deployed.stack.stand_in is not None
        for payment in self.plan.payments:
            if payment.id.startswith("CLOSED"):
                self.deployed.stack.stand_in.register(json.loads(payment.body))

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

    def _follow(self, steps: list[Step]) -> None:
        waiting, drained = list(reversed(steps)), 0.0
        while waiting:
            due: list[Step] = []
            while waiting and waiting[-1].at <= self.seconds and len(due) < 200:
                due.append(waiting.pop())
            self._send([one.payment for one in due if one.payment is not None])
            for step in due:
                if step.payment is None:
                    self._do(step)
            if self.seconds - drained > _DRAIN_EVERY_SECONDS:
                self.collector.drain()
                self.deepest = max(self.deepest, self.collector.left())
                drained = self.seconds
            time.sleep(0.05 if not due else 0)

    def _send(self, payments: list[Payment]) -> None:
        readable = [one for one in payments if REJECTED not in one.ends]
        for first in range(0, len(readable), 10):
            part = readable[first : first + 10]
            self.sent += [Sent(one.id, time.time()) for one in part]
            kind = "Payment Expired" if first % 20 else "Payment Closed"
            self.deployed.stack.put_events([json.loads(one.body) for one in part], kind)
        for one in payments:
            if REJECTED in one.ends:
                # Not by the bus, which would make JSON of it.
                self.sent.append(Sent(one.id, time.time()))
                self.deployed.stack.cloud.client("sqs").send_message(
                    QueueUrl=self.deployed.stack.queue_url, MessageBody=one.body
                )

    def _do(self, step: Step) -> None:
        stack = self.deployed.stack
        secret = self._keys_directory / "secret.json"
        match step.does:
            case "mode" if step.word in MODES and step.word != "normal":
                self.relay.mode = step.word
                self.injector.count("gateway", step.word)
            case "mode":
                self.relay.mode = "normal"
                # Not the stand-in's own mode `slow`, in which every payment succeeds.
                slow = {"mode": "normal", "latencyMs": _SLOW_MS}
                self._stand_in("mode", **(slow if step.word == "slow" else {"mode": step.word}))
                if step.word != "normal":
                    self.injector.count("gateway", step.word)
            case "make keys":
                keys.rotate(secret.parent)
                self.keys.note(secret.parent)
            case "rotate secret":
                stack.cloud.client("secretsmanager").put_secret_value(
                    SecretId=stack.secret_arn, SecretString=secret.read_text()
                )
                self.injector.count("keys", "rotated in the secret")
            case "rotate gateway":
                self._stand_in("reload")
                self.injector.count("keys", "rotated at the gateway")
            case "deploy":
                self._deploying = threading.Thread(target=self._deploy)
                self._deploying.start()

    def _deploy(self) -> None:
        before = self.deployed.version
        try:
            self.deployed.deploy_again()
        except Exception as error:
            self._deploy_failed.append(error)
            return
        if self.deployed.version == before:
            self._deploy_failed.append(RuntimeError("the deployment published no new version"))
        self.injector.count("deployment", "new version")

    def _stand_in(self, path: str, **body: Any) -> None:
        request = urllib.request.Request(
            f"{self.relay.upstream}/_sandbox/{path}",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with _OPENER.open(request, timeout=30) as response:
            response.read()

    def _wait_for_the_end(self) -> None:
        """Until nothing is left to happen, or nothing has happened for long."""
        everybody = {one.id for one in self.plan.payments}
        seen: tuple[int, ...] = ()
        changed = time.monotonic()
        over = changed + _AT_MOST_SECONDS
        while time.monotonic() < min(over, changed + _STILL_SECONDS):
            self.collector.drain()
            told, left = len(self.collector.told() & everybody), self.collector.left()
            running = self.collector.running()
            if told == len(everybody) and not left and not running:
                return
            if seen != (seen := (told, left, running, self.relay.requests, self.proxy.calls)):
                changed = time.monotonic()
            time.sleep(1)
