"""One run: payments come in, the queue and everything behind it work, figures come out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from benchmarks.scale.agenda import Agenda
from benchmarks.scale.function import Function
from benchmarks.scale.gateway import Disturbance, Gateway
from benchmarks.scale.load import Payment
from benchmarks.scale.queue import Message, Queue
from benchmarks.scale.setup import Setup
from benchmarks.scale.tracker import Tracker

WINDOW = 300.0


@dataclass(slots=True)
class Sample:
    """Everything at the end of a window, at full size."""

    at: float
    visible: float
    in_flight: float
    executions: float


class Simulation:
    """One stack, one gateway, one load.

    Attributes
    ----------
    refused
        By quota, the second at which it was met first.

    Parameters
    ----------
    gateway
        Parameters of `Gateway`.
    """

    def __init__(
        self,
        setup: Setup,
        start: datetime,
        payments: Iterable[Payment],
        *,
        seed: int = 1,
        disturbance: Disturbance | None = None,
        **gateway: float,
    ) -> None:
        self.setup, self.start, self.disturbance = setup, start, disturbance
        self._incoming = iter(payments)
        self.payments: list[Payment] = []
        self.samples: list[Sample] = []
        self.refused: dict[str, float] = {}
        self._counts: dict[str, Counter[int]] = {}
        self._agenda = Agenda(start)
        chance = [random.Random(f"{seed}/{number}") for number in range(4)]
        behind = Gateway(setup, chance[0], disturbance, **gateway)
        function = Function(setup, self._agenda, chance[1], behind, self._note)
        self.queue = Queue(setup, self._agenda, chance[2], function.invoke)
        self.tracker = Tracker(setup, self._agenda, chance[3], self.queue.send, self._note)
        function.queue, function.tracker = self.queue, self.tracker

    def run(self, until: float) -> Simulation:
        """Until nothing is left to happen, or until that second."""
        self._next_arrival()
        for number in count(1):
            if number * WINDOW > until:
                break
            self._agenda.at(number * WINDOW, self._sample)
        self._agenda.run(until)
        return self

    def total(self, name: str) -> float:
        """How many calls of that name, at full size."""
        return sum(self._counts.get(name, Counter()).values()) * self.setup.scale

    def rates(self, *names: str) -> dict[float, float]:
        """Calls a second of these names in each window, by the window's end."""
        found: Counter[int] = Counter()
        for name in names:
            found.update(self._counts.get(name, Counter()))
        each = self.setup.scale / WINDOW
        return {(window + 1) * WINDOW: calls * each for window, calls in found.items()}

    def peak(self, *names: str) -> float:
        return max(self.rates(*names).values(), default=0.0)

    def _next_arrival(self) -> None:
        payment = next(self._incoming, None)
        if payment is not None:
            self._agenda.at(payment.arrives, self._arrive, payment)

    def _arrive(self, payment: Payment) -> None:
        self.payments.append(payment)
        self.queue.send(Message(payment, self._agenda.now))
        self._next_arrival()

    def _note(self, name: str, number: float = 1, *, refused: bool = False) -> None:
        now = self._agenda.now
        self._counts.setdefault(name, Counter())[int(now // WINDOW)] += number  # type: ignore[assignment]
        if refused:
            self.refused.setdefault(name, now)

    def _sample(self) -> None:
        scale, queue = self.setup.scale, self.queue
        if queue.full:
            self.refused.setdefault("messages in flight", self._agenda.now)
        self.samples.append(
            Sample(
                self._agenda.now,
                queue.visible * scale,
                queue.in_flight * scale,
                self.tracker.open * scale,
            )
        )
