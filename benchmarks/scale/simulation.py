"""One run: payments come in, the queue and everything behind it work, figures come out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count

from benchmarks.scale.agenda import Agenda
from benchmarks.scale.figures import WINDOW, Figures, Sample
from benchmarks.scale.function import Function
from benchmarks.scale.gateway import Disturbance, Gateway
from benchmarks.scale.load import Payment
from benchmarks.scale.poller import Poller
from benchmarks.scale.queue import Message, Queue
from benchmarks.scale.setup import Setup
from benchmarks.scale.tracker import Tracker


class Simulation:
    """One stack, one gateway, one load.

    Parameters
    ----------
    gateway
        Parameters of `Gateway`, apart from those that the setup has.
    """

    def __init__(
        self,
        setup: Setup,
        start: datetime,
        payments: Iterable[Payment],
        *,
        seed: int = 1,
        disturbances: Sequence[Disturbance] = (),
        **gateway: float,
    ) -> None:
        self.setup, self.figures = setup, Figures(setup.scale)
        self.payments: list[Payment] = []
        self._incoming = iter(payments)
        self._agenda = Agenda(start)
        dice = [random.Random(f"{seed}/{number}") for number in range(3)]
        self.queue = Queue(setup, dice[0])
        self.tracker = Tracker(setup, self._agenda, self.figures, self._send)
        behind = Gateway(setup, dice[1], disturbances=disturbances, **gateway)
        function = Function(
            setup, self._agenda, self.queue, behind, self.tracker, self.figures, dice[2]
        )
        self.poller = Poller(setup, self._agenda, self.queue, self.figures, function.invoke)
        self._notice = dice[0]
        behind.crowd = lambda: self.poller.level * setup.batch
        function.ended = self.poller.look
        function.comes_back = self._comes_back

    def run(self, until: float) -> Simulation:
        """Until nothing is left to happen, or until that second."""
        self._next_arrival()
        for number in count(1):
            if number * WINDOW > until:
                break
            self._agenda.at(number * WINDOW, self._sample)
        self._agenda.run(until)
        return self

    def _next_arrival(self) -> None:
        payment = next(self._incoming, None)
        if payment is not None:
            self._agenda.at(payment.arrives, self._arrive, payment)

    def _arrive(self, payment: Payment) -> None:
        self.payments.append(payment)
        self.figures.count("events", self._agenda.now)
        self._send(Message(payment, self._agenda.now))
        self._next_arrival()

    def _send(self, message: Message) -> None:
        self.figures.count("SendMessage", self._agenda.now)
        self.queue.send(message)
        self.poller.look()

    def _comes_back(self, until: float) -> None:
        # The local stack's poller does not notice; it looks again by itself.
        if self.setup.idle_poll is None:
            self._agenda.at(until + self._notice.random() * self.setup.notice, self.poller.look)

    def _sample(self) -> None:
        now, scale = self._agenda.now, self.setup.scale
        self.queue.reveal(now)
        self.poller.judge()
        self.figures.samples.append(
            Sample(
                now,
                self.queue.visible * scale,
                self.queue.in_flight * scale,
                self.queue.oldest(now),
                self.tracker.open * scale,
            )
        )
