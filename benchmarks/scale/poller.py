"""The event source: how many batches run at a time, and when the queue is looked at."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable

from benchmarks.scale.agenda import Agenda
from benchmarks.scale.figures import Figures
from benchmarks.scale.load import MEAN
from benchmarks.scale.queue import Message, Queue
from benchmarks.scale.setup import Setup

# How long it takes at most until a waiting queue meets the pollers that have been added.
_LOOK_AGAIN = 5.0
# A limit counts as met when so much mean traffic waits.
BACKLOG_SECONDS = 120.0


class Slots:
    """So many batches at a time, which need not be a whole number: 10 of a stack are 0.01 of its
    thousandth. One slot in two, or half a slot, works at half the speed, so that the throughput is
    right; the batch itself ends when it ends.
    """

    def __init__(self) -> None:
        self._work, self._at = 0.0, 0.0
        self._number, self._speed = 1, 1.0
        self._ends: list[float] = []

    def resize(self, now: float, capacity: float) -> None:
        self._advance(now)
        self._number = max(1, math.ceil(capacity - 1e-9))
        self._speed = capacity / self._number

    def free(self, now: float) -> bool:
        self._advance(now)
        return len(self._ends) < self._number

    def take(self, seconds: float) -> None:
        heapq.heappush(self._ends, self._work + seconds)

    def seconds_to_next(self) -> float:
        return (self._ends[0] - self._work) / self._speed if self._ends else 0.0

    def _advance(self, now: float) -> None:
        self._work += (now - self._at) * self._speed
        self._at = now
        while self._ends and self._ends[0] <= self._work + 1e-9:
            heapq.heappop(self._ends)


class Poller:
    """Takes batches off the queue and has them invoked.

    Parameters
    ----------
    invoke
        Begins an invocation; returns how many seconds it takes.
    """

    def __init__(
        self,
        setup: Setup,
        agenda: Agenda,
        queue: Queue,
        figures: Figures,
        invoke: Callable[[list[Message]], float],
    ) -> None:
        self._setup, self._agenda, self._queue = setup, agenda, queue
        self._figures, self._invoke = figures, invoke
        quotas = setup.quotas
        self._cap = min(setup.concurrency, quotas.lambda_concurrency, quotas.pollers_most)
        self._least = min(quotas.pollers_first, self._cap)
        self._growth = quotas.pollers_per_minute / 60
        self.level = self._least
        self._slots = Slots()
        self.waiting, self._grown_at = False, 0.0
        self._again_at = math.inf
        self._looks = 0

    def look(self) -> None:
        """Begin as many batches as may run."""
        now, setup = self._agenda.now, self._setup
        self._looks += 1
        self._grow(now)
        self._slots.resize(now, self.level / setup.scale)
        while self._slots.free(now):
            batch, kept_back = self._queue.take(now, setup.batch)
            if kept_back:
                self._figures.hit("in_flight", now)
            if not batch:
                break
            self._slots.take(self._invoke(batch))
        self._queue.reveal(now)
        self.waiting = self._queue.visible > 0
        if setup.idle_poll is not None:
            self._agenda.at(now + setup.idle_poll, self._tick, self._looks)
        if self.waiting:
            # A free slot then means that the queue gives nothing out.
            free = self._slots.free(now)
            wait = _LOOK_AGAIN if free else min(self._slots.seconds_to_next(), _LOOK_AGAIN)
            self._look_again(now + wait)

    def judge(self) -> None:
        """Say which limit of the pollers keeps a backlog waiting, if there is one."""
        if self._queue.visible * self._setup.scale < MEAN * BACKLOG_SECONDS:
            return
        name = "pollers_per_minute"
        if self.level >= self._cap:
            quotas = self._setup.quotas
            caps = {
                "maximum_concurrency": self._setup.concurrency,
                "lambda_concurrency": quotas.lambda_concurrency,
                "pollers_most": quotas.pollers_most,
            }
            name = min(caps, key=lambda one: caps[one])
        self._figures.hit(name, self._agenda.now)

    def _grow(self, now: float) -> None:
        # How fast AWS takes pollers away again is not published.
        change = (now - self._grown_at) * self._growth * (1 if self.waiting else -1)
        self.level = max(self._least, min(self._cap, self.level + change))
        self._grown_at = now

    def _look_again(self, at: float) -> None:
        if at < self._again_at - 1e-6:
            self._again_at = at
            self._agenda.at(at, self._again, at)

    def _again(self, at: float) -> None:
        if at == self._again_at:
            self._again_at = math.inf
            self.look()

    def _tick(self, looks: int) -> None:
        if looks == self._looks:
            self.look()
