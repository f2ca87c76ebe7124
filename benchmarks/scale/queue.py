"""SQS: messages visible, in flight, and those that were received too often."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass
from itertools import count

from benchmarks.scale.load import Payment
from benchmarks.scale.setup import Setup


@dataclass(frozen=True, slots=True)
class Tracking:
    """What a tracker writes into the message."""

    token: int
    attempts: int
    first_at: float


@dataclass(slots=True)
class Message:
    payment: Payment
    sent_at: float
    tracking: Tracking | None = None
    receives: int = 0
    first_received_at: float = 0.0
    received_at: float = 0.0


class Queue:
    """One standard queue."""

    def __init__(self, setup: Setup, dice: random.Random) -> None:
        self._limit = setup.quotas.in_flight / setup.scale
        self._most_receives = setup.max_receive_count
        self._oldest_first = setup.oldest_first
        self._dice = dice
        self._order = count()
        self._visible: list[tuple[float, int, Message]] = []
        self._hidden: list[tuple[float, int, Message]] = []
        self._taken = 0
        self.dead: list[Message] = []

    @property
    def visible(self) -> int:
        return len(self._visible)

    @property
    def in_flight(self) -> int:
        """Received and not deleted: in hand, or waiting for its next attempt."""
        return self._taken + len(self._hidden)

    def send(self, message: Message) -> None:
        self._show(next(self._order), message)

    def take(self, now: float, most: int) -> tuple[list[Message], bool]:
        """Up to so many, and whether the quota of messages in flight has kept any back."""
        self.reveal(now)
        room = int(min(most, max(0.0, self._limit - self.in_flight)))
        taken: list[Message] = []
        while self._visible and len(taken) < room:
            message = self._pick()
            message.receives += 1
            if message.receives > self._most_receives:
                self.dead.append(message)
                continue
            message.received_at = now
            message.first_received_at = message.first_received_at or now
            taken.append(message)
        self._taken += len(taken)
        return taken, room < most and bool(self._visible)

    def delete(self) -> None:
        """One of those taken is done with."""
        self._taken -= 1

    def hide(self, message: Message, until: float) -> None:
        """One of those taken comes back then."""
        self._taken -= 1
        heapq.heappush(self._hidden, (until, next(self._order), message))

    def reveal(self, now: float) -> None:
        while self._hidden and self._hidden[0][0] <= now:
            _, order, message = heapq.heappop(self._hidden)
            self._show(order, message)

    def oldest(self, now: float) -> float:
        """How long ago the oldest message that nobody has in hand was sent."""
        waiting = (one.sent_at for _, _, one in (*self._visible, *self._hidden))
        return now - min(waiting, default=now)

    def _show(self, order: int, message: Message) -> None:
        if self._oldest_first:
            heapq.heappush(self._visible, (message.sent_at, order, message))
        else:
            self._visible.append((message.sent_at, order, message))

    def _pick(self) -> Message:
        if self._oldest_first:
            return heapq.heappop(self._visible)[2]
        index = self._dice.randrange(len(self._visible))
        self._visible[index], self._visible[-1] = self._visible[-1], self._visible[index]
        return self._visible.pop()[2]
