"""Step Functions: one execution per payment that is handed over, by the state machine's rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from benchmarks.scale.agenda import Agenda
from benchmarks.scale.buckets import Bucket
from benchmarks.scale.figures import Figures
from benchmarks.scale.load import Payment
from benchmarks.scale.queue import Message, Tracking
from benchmarks.scale.setup import Setup

UNRESOLVED = "UNRESOLVED"
# Decide, Wait, RequestAttempt; at the end Decide and Resolved, or Decide, Report and Unresolved.
TRANSITIONS_OF_A_ROUND, TRANSITIONS_OF_AN_END = 3, 2.5
AFTER_NO_ANSWER, LAST_BEFORE_CUTOFF = 60.0, 30.0


@dataclass(slots=True)
class Execution:
    """A running execution; `token` is the one that it waits for."""

    payment: Payment
    attempts: int
    first_at: float
    token: int = 0


class Tracker:
    """All executions.

    Parameters
    ----------
    send
        Puts a message on the queue.
    """

    def __init__(
        self, setup: Setup, agenda: Agenda, figures: Figures, send: Callable[[Message], None]
    ) -> None:
        quotas = setup.quotas
        self._setup, self._agenda, self._figures, self._send = setup, agenda, figures, send
        sizes = {
            "start": (quotas.start_size, quotas.start_refill),
            "tell": (quotas.tell_size, quotas.tell_refill),
            "transition": (quotas.transition_size, quotas.transition_refill),
        }
        clump = {"start": 1, "tell": 1, "transition": TRANSITIONS_OF_A_ROUND}
        self._buckets = {
            name: Bucket(size, refill, setup.scale, clump[name] * setup.batch)
            for name, (size, refill) in sizes.items()
        }
        self._most_open = quotas.open_executions / setup.scale
        self._running: dict[int, Execution] = {}
        self._tokens = count(1)
        self.doubled = 0
        """Rounds whose token timed out while the message still lay on the queue."""

    @property
    def open(self) -> int:
        return len(self._running)

    def start(self, payment: Payment, attempts: int, first_at: float, next_at: float) -> bool:
        """StartExecution; whether a tracker of this payment runs now."""
        now = self._agenda.now
        self._figures.count("StartExecution", now)
        if id(payment) in self._running:
            return True
        if self.open >= self._most_open:
            self._figures.hit("open_executions", now)
            return False
        if not self._buckets["start"].take(now):
            self._figures.hit("start_refill", now)
            return False
        execution = Execution(payment, attempts, first_at)
        self._running[id(payment)] = execution
        payment.tracked = True
        self._agenda.at(now + self._setup.execution_delay, self._round, execution, next_at)
        return True

    def tell(self, message: Message, attempts: int, next_at: float | None) -> bool:
        """SendTaskSuccess or SendTaskFailure: the next attempt, or the end. Whether it went
        through; a token that is not waited for any more is dropped."""
        now = self._agenda.now
        self._figures.count("SendTask", now)
        if not self._buckets["tell"].take(now):
            self._figures.hit("tell_refill", now)
            return False
        assert message.tracking is not None
        execution = self._running.get(id(message.payment))
        if execution is None or execution.token != message.tracking.token:
            return True
        execution.attempts = attempts
        if next_at is None:
            self._end(execution)
        else:
            self._round(execution, next_at)
        return True

    def _round(self, execution: Execution, next_at: float) -> None:
        execution.token = next(self._tokens)
        if next_at >= execution.payment.cutoff:
            self._agenda.at(self._agenda.now, self._unresolved, execution)
            return
        execution.payment.rounds += 1
        late = self._transitions(TRANSITIONS_OF_A_ROUND)
        self._agenda.at(max(next_at, self._agenda.now + late), self._request, execution)

    def _request(self, execution: Execution) -> None:
        now, token = self._agenda.now, execution.token
        tracking = Tracking(token, execution.attempts, execution.first_at)
        self._agenda.at(now + self._setup.token_timeout, self._no_answer, execution, token)
        self._send(Message(execution.payment, now, tracking))

    def _no_answer(self, execution: Execution, token: int) -> None:
        if self._running.get(id(execution.payment)) is not execution or execution.token != token:
            return
        self.doubled += 1
        self._figures.hit("token_timeout", self._agenda.now)
        now, cutoff = self._agenda.now, execution.payment.cutoff
        last = cutoff - LAST_BEFORE_CUTOFF
        self._round(execution, min(now + AFTER_NO_ANSWER, last) if now < last else cutoff)

    def _unresolved(self, execution: Execution) -> None:
        payment, now = execution.payment, self._agenda.now
        self._figures.count("PutEvents", now)
        if not payment.ended:
            payment.ended, payment.ended_at = UNRESOLVED, now
        self._end(execution)

    def _end(self, execution: Execution) -> None:
        self._transitions(TRANSITIONS_OF_AN_END)
        del self._running[id(execution.payment)]

    def _transitions(self, number: float) -> float:
        now = self._agenda.now
        self._figures.count("StateTransition", now, number)
        late = self._buckets["transition"].delay(now, number)
        if late > 1:
            self._figures.hit("transition_refill", now)
        return late
