"""SQS and its event source: messages visible, in flight, and in the function's hands."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.scale.agenda import Agenda
from benchmarks.scale.load import Payment
from benchmarks.scale.setup import BATCH, Setup


@dataclass(slots=True)
class Message:
    """A request; `token` and `closing` as its tracker wrote them."""

    payment: Payment
    visible_at: float
    token: int | None = None
    attempts: int = 0
    first_at: float = 0.0
    closing: bool = False
    receives: int = 0


class Queue:
    """One standard queue, which keeps no order.

    So many records at a time are with the function. Where that is less than one of the sample's,
    each keeps its place for longer, so that the throughput is right.

    Parameters
    ----------
    invoke
        Hands a record to the function; returns how many seconds its invocation takes.
    """

    def __init__(
        self,
        setup: Setup,
        agenda: Agenda,
        chance: random.Random,
        invoke: Callable[[Message], float],
    ) -> None:
        self._agenda, self._chance, self._invoke = agenda, chance, invoke
        self._poll = setup.poll
        records = setup.concurrency * BATCH / setup.scale
        self._places = max(1, round(records))
        self._stretch = self._places / records
        self._most_in_flight = setup.quotas.in_flight / setup.scale
        self._most_receives = setup.max_receive_count
        self._visible: list[Message] = []
        self._busy = 0
        self.in_flight = 0
        self.longest_wait = 0.0
        self.dead: list[Message] = []

    @property
    def visible(self) -> int:
        return len(self._visible)

    def send(self, message: Message) -> None:
        message.visible_at = self._agenda.now
        self._visible.append(message)
        self.dispatch()

    def delete(self) -> None:
        """One of those received is done with."""
        self.in_flight -= 1
        self.dispatch()

    def hide(self, message: Message, until: float) -> None:
        """One of those received comes back then."""
        noticed = self._chance.uniform(0, self._poll) if self._poll else 0.0
        self._agenda.at(until + noticed, self._show, message)

    @property
    def full(self) -> bool:
        """The quota of messages in flight keeps others back."""
        return self.in_flight >= self._most_in_flight and bool(self._visible)

    def dispatch(self) -> None:
        now = self._agenda.now
        while self._visible and self._busy < self._places and not self.full:
            place = self._chance.randrange(len(self._visible))
            self._visible[place], self._visible[-1] = self._visible[-1], self._visible[place]
            message = self._visible.pop()
            message.receives += 1
            if message.receives > self._most_receives:
                self.dead.append(message)
                continue
            self.longest_wait = max(self.longest_wait, now - message.visible_at)
            self.in_flight += 1
            self._busy += 1
            self._agenda.at(now + self._invoke(message) * self._stretch, self._free)

    def _free(self) -> None:
        self._busy -= 1
        self.dispatch()

    def _show(self, message: Message) -> None:
        self.in_flight -= 1
        self.send(message)
