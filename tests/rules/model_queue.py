"""A model of an SQS queue with its dead-letter queue. Time is passed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.rules.line import record

# design.md, "Stack": "visibility timeout six times" the function's 30 s.
VISIBILITY_TIMEOUT = timedelta(seconds=180)
MAX_RECEIVE_COUNT = 100


@dataclass
class Message:
    """One message, from its sending to its deletion and beyond (SQS may deliver a ghost)."""

    message_id: str
    body: str
    visible_at: datetime
    receives: int = 0
    first_received: datetime | None = None
    deleted: bool = False

    def received(self, now: datetime) -> dict[str, Any]:
        """The record of one more delivery."""
        self.receives += 1
        self.first_received = self.first_received or now
        self.visible_at = now + VISIBILITY_TIMEOUT
        return record(
            self.body,
            message_id=self.message_id,
            receives=self.receives,
            first_received=self.first_received,
        )


@dataclass
class Queue:
    """Messages that wait or are in flight, and those that an operator has to look at."""

    messages: list[Message] = field(default_factory=list)
    ghosts: list[Message] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def send(self, body: str, now: datetime) -> None:
        self.messages.append(Message(f"m{next(self._numbers)}", body, now))

    def receivable(self, now: datetime, most: int = 10) -> list[Message]:
        """The oldest visible messages; one that was received too often moves away instead."""
        visible = [one for one in self.messages if one.visible_at <= now]
        for one in visible:
            if one.receives >= MAX_RECEIVE_COUNT:
                self.dead.append(one.body)
                self.delete(one)
        return [one for one in visible if not one.deleted][:most]

    def delete(self, message: Message) -> None:
        if not message.deleted:
            message.deleted = True
            self.messages.remove(message)
            self.ghosts.append(message)

    def hide(self, receipt_handle: str, seconds: int, now: datetime) -> None:
        for one in self.messages:
            if receipt_handle == f"receipt of {one.message_id}":
                one.visible_at = now + timedelta(seconds=seconds)

    def redrive(self, now: datetime) -> list[str]:
        """All dead letters become new messages."""
        bodies, self.dead = self.dead, []
        for body in bodies:
            self.send(body, now)
        return bodies
