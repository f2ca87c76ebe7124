"""The world as frozen values, so that two orders of events that end in the same world are one.

All times are whole milliseconds since the first event could be received; texts are JSON as it
stands on the wire. Hidden from every promise is what people alone read: codes and counts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.statemachine.machine import Execution, Moment


class Message(NamedTuple):
    """A message of the queue.

    Attributes
    ----------
    visible_at
        When it may be received; later than now while it is in flight or re-queued.
    asked_at
        When the last call for it ended; ``None`` before, and once two deliveries share it.
    shared
        SQS has delivered it a second time by itself: two who ask.
    """

    id: str
    body: str
    visible_at: Moment
    receives: int = 0
    first_received: Moment = 0
    asked_at: Moment | None = None
    shared: bool = False


class Worker(NamedTuple):
    """An invocation under way.

    Attributes
    ----------
    responses
        What it was answered so far, each with its moment: the handler is deterministic, so they
        say where it stands.
    heard
        ``(payment, verdict, message id)`` of each final answer that arrived.
    published
        ``(payment, outcome)`` of each event that went out.
    hurt
        One of its calls has failed.
    unhidden
        Messages whose visibility could not be set, or not for sure.
    """

    records: tuple[Message, ...]
    began: Moment
    responses: tuple[tuple[Any, Moment], ...] = ()
    heard: tuple[tuple[int, str, str], ...] = ()
    published: tuple[tuple[int, str], ...] = ()
    hurt: bool = False
    unhidden: tuple[str, ...] = ()


class Account(NamedTuple):
    """One payment: what the gateway has done with it, and what a consumer was told.

    Attributes
    ----------
    ledger
        ``open``, ``cancelled`` or ``closed`` (the gateway has said that the window is over).
    final
        The outcome that nothing supersedes, once it was published.
    passing, passing_at
        The outcome that stands until a later one: FAILED or UNRESOLVED, by its ``resolvedAt``.
    """

    ledger: str = "open"
    asked: bool = False
    final: str = ""
    passing: str = ""
    passing_at: Moment = 0

    @property
    def outcome(self) -> str:
        """What a consumer that follows the contract's order ends with."""
        return self.final or self.passing


class World(NamedTuple):
    """Everything that the future depends on.

    Attributes
    ----------
    faults
        How many may still happen.
    calls
        How many were sent to the gateway so far.
    ghosts
        Deleted messages that SQS may deliver once more; kept only while a fault is left.
    owed
        For each event: ``""`` before it arrives, ``"owed"``, ``"ended"``.
    """

    now: Moment
    faults: int
    messages: tuple[Message, ...]
    owed: tuple[str, ...]
    accounts: tuple[Account, ...]
    calls: int = 0
    ghosts: tuple[Message, ...] = ()
    workers: tuple[Worker, ...] = ()
    executions: tuple[Execution, ...] = ()


class BrokenPromiseError(Exception):
    """What must hold in every world does not; the text says what."""
