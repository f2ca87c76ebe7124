"""A queue, its event source and a slow gateway, simulated around the function's real decisions.

Time is a number that jumps from event to event, so a backlog of 20,000 takes seconds and nothing
depends on the machine. Real are `decide`, `may_send` and the visibility timeouts; simulated are SQS
(no order, as a standard queue), the event source (batches of ten, so many at a time), the tracker's
waits and the gateway.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from cancel_payment import result
from cancel_payment.decision import SlowRetry, decide, may_send
from cancel_payment.model import Evidence, Requeue, Resolve, Result
from cancel_payment.payment import CancelRequest, Payment
from cancel_payment.visibility import Visibility
from cancel_payment.window import cutoff_of

BATCH = 10
TIMEOUT = 8.0
EFFECTS = 0.05
POLL = 0.1
TOKEN_TIMEOUT = 2700.0
SLOW = SlowRetry(timedelta(seconds=60), timedelta(seconds=900))

_SUCCESS = Result("S", Evidence.SIGNED, code="SUCCESS")
_TOO_LATE = Result("F", Evidence.SIGNED, code="CANCEL_WINDOW_EXCEED")
_SILENCE = result.no_answer("no whole answer within 8 s")


@dataclass(slots=True)
class Gateway:
    """Answers in the order of arrival, so many a second at most, each after its latency.

    `share(t)` is how much of its usual speed it has at that moment: its rate and its latency both
    suffer. A request whose client has given up costs it nothing more.
    """

    latency: float
    rate: float
    share: Callable[[float], float]
    free_at: float = 0.0

    def ends(self, at: float) -> float | None:
        """When the answer to a request of this moment is there; none if the client gives up."""
        share = self.share(at)
        begins = max(self.free_at, at)
        if begins + self.latency / share - at > TIMEOUT:
            return None
        self.free_at = begins + 1 / (self.rate * share)
        return begins + self.latency / share


@dataclass(slots=True)
class Case:
    """One payment, and what has happened to it."""

    name: str
    created: datetime
    cutoff: float
    attempts: list[float] = field(default_factory=list)
    receives: int = 0
    ended: str = ""
    ended_at: float = 0.0


@dataclass(slots=True)
class Message:
    case: Case
    visible_at: float
    receives: int = 0
    first_received: float = 0.0
    tracked: tuple[int, datetime, int] | None = None
    """Attempts so far, the first of them, and the tracker's token."""
    again_after: float | None = None
    """When the attempt ended after which it was put back in the first minute."""


@dataclass
class Figures:
    """What the run has shown."""

    scheduled: list[float] = field(default_factory=list)
    """Fast phase: from the end of an attempt to the moment at which the message is visible."""
    gaps: list[float] = field(default_factory=list)
    """Fast phase: from the end of an attempt to the next send."""
    waits: list[float] = field(default_factory=list)
    """Of those gaps: how long the message was visible and nobody took it."""
    receives: int = 0
    attempts: int = 0
    tracked: int = 0
    doubled: int = 0
    """Requests that a tracker put back while the last one still lay on the queue."""
    ended_at: float = 0.0


class Simulation:
    """One backlog against one gateway."""

    def __init__(
        self,
        start: datetime,
        created: list[datetime],
        gateway: Gateway,
        concurrency: int,
        seed: int,
    ) -> None:
        self.start, self.gateway, self.concurrency = start, gateway, concurrency
        self.figures = Figures()
        self._dice = random.Random(seed)
        self._now = 0.0
        self._visible: list[Message] = []
        self._running = 0
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._tokens = count(1)
        self._waiting: dict[str, int] = {}
        self._timeouts: list[int] = []
        self._visibility = Visibility(self, "queue", lambda: self._at(self._now))  # type: ignore[arg-type]
        self.cases = [
            Case(f"P{number}", moment, self._seconds(cutoff_of(moment)))
            for number, moment in enumerate(created)
        ]
        self._visible = [Message(one, 0.0) for one in self.cases]

    @property
    def sqs(self) -> Simulation:
        """`Visibility` finds its SQS client here."""
        return self

    def change_message_visibility_batch(self, **call: Any) -> dict[str, Any]:
        self._timeouts += [entry["VisibilityTimeout"] for entry in call["Entries"]]
        return {}

    def run(self, until: float) -> Figures:
        """Until nothing is left to happen, or until that second."""
        self._dispatch()
        while self._agenda and self._agenda[0][0] <= until:
            self._now, _, act = heapq.heappop(self._agenda)
            act()
            self._dispatch()
        return self.figures

    def _dispatch(self) -> None:
        while self._running < self.concurrency and self._visible:
            batch: list[Message] = []
            while self._visible and len(batch) < BATCH:
                # A standard queue keeps no order.
                index = self._dice.randrange(len(self._visible))
                self._visible[index], self._visible[-1] = self._visible[-1], self._visible[index]
                batch.append(self._visible.pop())
            self._running += 1
            begins = self._now + POLL * self._dice.random()
            self._later(begins, lambda batch=batch: self._begin(batch))  # type: ignore[misc]

    def _begin(self, batch: list[Message]) -> None:
        attempts = [self._attempt(message) for message in batch]
        done = max(ended for _, _, ended in attempts) + EFFECTS
        self._later(done, lambda: self._finish(batch, attempts))

    def _attempt(self, message: Message) -> tuple[CancelRequest, Result, float]:
        now, case = self._now, message.case
        message.receives += 1
        message.first_received = message.first_received or now
        self.figures.receives = max(self.figures.receives, message.receives)
        request = self._request(message)
        if not may_send(request, self._at(now)):
            return request, result.not_sent("the cancel window has closed"), now
        if message.again_after is not None:
            self.figures.gaps.append(now - message.again_after)
            self.figures.waits.append(now - message.visible_at)
        case.attempts.append(now)
        self.figures.attempts += 1
        ends = self.gateway.ends(now)
        if ends is None:
            return request, _SILENCE, now + TIMEOUT
        return request, _TOO_LATE if ends >= case.cutoff else _SUCCESS, ends

    def _finish(
        self, batch: list[Message], attempts: list[tuple[CancelRequest, Result, float]]
    ) -> None:
        self._running -= 1
        for message, (request, found, ended) in zip(batch, attempts, strict=True):
            decision = decide(request, found, self._at(ended), SLOW, self._jitter)
            match decision:
                case Resolve(outcome=outcome):
                    self._end(message, outcome.value)
                case Requeue():
                    self._visibility.requeue([(request, decision)])
                    message.visible_at = self._now + self._timeouts.pop()
                    message.again_after = ended
                    self.figures.scheduled.append(message.visible_at - ended)
                    self._later(message.visible_at, lambda m=message: self._visible.append(m))  # type: ignore[misc]
                case _:
                    self._track(message, request, self._seconds(decision.next_attempt_at))

    def _track(self, message: Message, request: CancelRequest, next_at: float) -> None:
        """Hand over to the tracker, or tell it; a token that is not awaited any more is dropped."""
        case = message.case
        if message.tracked is None:
            self.figures.tracked += 1
        elif self._waiting.get(case.name) != message.tracked[2]:
            return
        self._wait(case, request.attempt, request.first_attempt_at, next_at)

    def _wait(self, case: Case, attempts: int, first: datetime, next_at: float) -> None:
        token = next(self._tokens)
        self._waiting[case.name] = token
        if next_at >= case.cutoff:
            self._later(self._now, lambda: self._unresolved(case))
            return

        def put_back() -> None:
            self._visible.append(Message(case, self._now, tracked=(attempts, first, token)))
            self._later(self._now + TOKEN_TIMEOUT, no_answer)

        def no_answer() -> None:
            if self._waiting.get(case.name) == token and not case.ended:
                self.figures.doubled += 1
                soon = min(self._now + 60, case.cutoff - 30)
                self._wait(case, attempts, first, soon if soon > self._now else case.cutoff)

        self._later(max(next_at, self._now), put_back)

    def _unresolved(self, case: Case) -> None:
        if not case.ended:
            case.ended, case.ended_at = "UNRESOLVED", self._now
            self.figures.ended_at = self._now

    def _end(self, message: Message, outcome: str) -> None:
        case = message.case
        if not case.ended:
            case.ended, case.ended_at = outcome, self._now
            self.figures.ended_at = self._now

    def _request(self, message: Message) -> CancelRequest:
        first = self._at(message.first_received)
        attempt = message.receives
        if message.tracked is not None:
            attempt, first = attempt + message.tracked[0], message.tracked[1]
        return CancelRequest(
            message_id=message.case.name,
            receipt_handle=message.case.name,
            body="",
            payment=Payment(message.case.name, None, message.case.created.isoformat()),
            attempt=attempt,
            first_attempt_at=first,
            cutoff_at=self._at(message.case.cutoff),
            task_token=str(message.tracked[2]) if message.tracked else None,
        )

    def _later(self, at: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (at, next(self._order), act))

    def _jitter(self, least: timedelta, most: timedelta) -> timedelta:
        return least + (most - least) * self._dice.random()

    def _at(self, seconds: float) -> datetime:
        return self.start.astimezone(UTC) + timedelta(seconds=seconds)

    def _seconds(self, moment: datetime) -> float:
        return (moment - self.start).total_seconds()
