"""One run: the plan's steps are taken, one after the other, until all has ended."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sandbox.stack.lifecycle import Stack
from tests.faults.aws_proxy import AwsProxy
from tests.faults.collect import Collector
from tests.faults.evidence import REJECTED, Evidence, Payment
from tests.faults.gateway_relay import GatewayRelay
from tests.faults.injector import FaultInjector
from tests.faults.plan import GATEWAY_TIMEOUT_SECONDS, Plan, Step
from tests.faults.workers import Workers

# How long nothing at all may change before the run is called over, whatever is still open.
_STILL_SECONDS = 150.0
# And how long after the last event it is called over though things go on for ever.
_AT_MOST_SECONDS = 1200.0
# Just below the timeout of an attempt: some answers come in time.
_SLOW_MS = GATEWAY_TIMEOUT_SECONDS * 1000 - 100
_DRAIN_EVERY_SECONDS = 3.0


@dataclass(kw_only=True)
class Run:
    """The stack, the faults in its lines, and what was done so far."""

    plan: Plan
    stack: Stack
    injector: FaultInjector
    workers: Workers
    relay: GatewayRelay
    proxy: AwsProxy
    collector: Collector
    began: float = 0.0

    def go(self) -> Evidence:
        for payment in self.plan.payments:
            # Those whose window the stand-in shall find closed.
            if payment.id.startswith("CLOSED") and self.stack.stand_in:
                self.stack.stand_in.register(json.loads(payment.body))
        self.began = time.monotonic()
        self.injector.active = True
        with self._watch():
            self._follow()
            # Kills are counted, other faults are not: they have to end for the run to end.
            self.injector.active = not self.injector.rates.faults
            self._wait_for_the_end()
        evidence = self.collector.finish()
        for name, case in evidence.cases.items():
            case.explained, case.unheard = self.workers.explained[name], self.relay.unheard[name]
        return evidence

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

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

    def _follow(self) -> None:
        waiting, drained = deque(self.plan.steps), 0.0
        while waiting:
            due: list[Step] = []
            while waiting and waiting[0].at <= self.seconds and len(due) < 200:
                due.append(waiting.popleft())
            self._send([one.payment for one in due if one.payment is not None])
            for step in due:
                if step.mode:
                    self._change_mode(step.mode)
            if self.seconds - drained > _DRAIN_EVERY_SECONDS:
                self.collector.drain()
                drained = self.seconds
            time.sleep(0.05 if not due else 0)

    def _send(self, payments: list[Payment]) -> None:
        for one in payments:
            self.collector.evidence.cases[one.id].sent.append(time.time())
        readable: list[Any] = [json.loads(o.body) for o in payments if REJECTED not in o.ends]
        for first in range(0, len(readable), 10):
            kind = "Payment Expired" if first % 20 else "Payment Closed"
            self.stack.put_events(readable[first : first + 10], kind)
        for one in payments:
            if REJECTED in one.ends:
                # Not by the bus, which would make JSON of it.
                self.stack.cloud.client("sqs").send_message(
                    QueueUrl=self.stack.queue_url, MessageBody=one.body
                )

    def _change_mode(self, mode: str) -> None:
        """Of the line to the gateway or of the gateway; both are normal again after `normal`."""
        assert self.stack.stand_in is not None
        self.relay.cut = mode == "cut"
        if mode == "slow":
            # Not the stand-in's own mode `slow`, in which every payment succeeds.
            self.stack.stand_in.set_mode("normal", latencyMs=_SLOW_MS)
        else:
            self.stack.stand_in.set_mode("normal" if self.relay.cut else mode)
        if mode != "normal":
            self.injector.count("gateway", mode)

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
