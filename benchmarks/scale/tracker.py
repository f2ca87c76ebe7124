"""Step Functions: one execution per payment that is handed over, by the state machine's rules."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from itertools import count

from benchmarks.scale.agenda import Agenda, Bucket
from benchmarks.scale.load import Payment
from benchmarks.scale.queue import Message
from benchmarks.scale.setup import Setup

# Decide, Wait, RequestAttempt; at the end Decide and Resolved, or Decide, Report and Unresolved.
TRANSITIONS_OF_A_ROUND, TRANSITIONS_OF_AN_END = 3, 2.5
AFTER_NO_ANSWER, LAST_BEFORE_CUTOFF = 60.0, 30.0


class State(Enum):
    RUNNING = auto()
    RESOLVED = auto()
    UNRESOLVED = auto()


class TokenResult(Enum):
    """What became of a token."""

    DONE = auto()
    THROTTLED = auto()
    DEAD = auto()


@dataclass(slots=True)
class Execution:
    """`token` is the one that it waits for; `closing`: it has asked for the last time."""

    payment: Payment
    attempts: int
    first_at: float
    token: int = 0
    rounds: int = 0
    closing: bool = False
    state: State = State.RUNNING


class Tracker:
    """All executions.

    Parameters
    ----------
    send
        Puts a message on the queue.
    note
        Counts a call, and says whether a quota refused it.
    """

    def __init__(
        self,
        setup: Setup,
        agenda: Agenda,
        chance: random.Random,
        send: Callable[[Message], None],
        note: Callable[..., None],
    ) -> None:
        quotas, scale = setup.quotas, setup.scale
        self._setup, self._agenda, self._chance = setup, agenda, chance
        self._send, self._note = send, note
        self._starts = Bucket(quotas.start_size, quotas.start_refill, scale)
        self._tells = Bucket(quotas.tell_size, quotas.tell_refill, scale)
        self._transitions = Bucket(quotas.transition_size, quotas.transition_refill, scale)
        self._most_open = quotas.open_executions / scale
        self._tokens = count(1)
        self.open = self.timed_out = 0

    def start(self, payment: Payment, attempts: int, first_at: float, next_at: float) -> bool:
        """StartExecution; whether a tracker of this payment runs now."""
        running = payment.execution
        if running is not None and running.state is State.RUNNING:
            return True
        if self.open >= self._most_open:
            self._note("open executions", refused=True)
            return False
        started = self._starts.take(self._agenda.now)
        self._note("StartExecution", refused=not started)
        if started:
            self.open += 1
            payment.execution = Execution(payment, attempts, first_at)
            self._round(payment.execution, next_at)
        return started

    def tell(self, message: Message, next_at: float | None) -> TokenResult:
        """SendTaskSuccess or SendTaskFailure: the next attempt, or the end (None)."""
        through = self._tells.take(self._agenda.now)
        self._note("SendTaskSuccess", refused=not through)
        if not through:
            return TokenResult.THROTTLED
        execution: Execution = message.payment.execution
        if execution.token != message.token or execution.state is not State.RUNNING:
            return TokenResult.DEAD
        execution.attempts = message.attempts + message.receives
        if next_at is None:
            self._end(execution, State.RESOLVED)
        else:
            self._round(execution, next_at)
        return TokenResult.DONE

    def _round(self, execution: Execution, next_at: float) -> None:
        now, cutoff = self._agenda.now, execution.payment.cutoff
        execution.token = next(self._tokens)
        if next_at >= cutoff:
            if execution.closing or not self._setup.closing_call:
                execution.payment.end("UNRESOLVED", now)
                self._end(execution, State.UNRESOLVED)
                return
            execution.closing = True
            most = self._setup.closing_call
            next_at = max(now, cutoff) + self._chance.uniform(most / 15, most)
        execution.rounds += 1
        late = self._pay(TRANSITIONS_OF_A_ROUND)
        self._agenda.at(max(next_at, now + late), self._request, execution)

    def _request(self, execution: Execution) -> None:
        now, token = self._agenda.now, execution.token
        self._agenda.at(now + self._setup.token_timeout, self._no_answer, execution, token)
        self._send(
            Message(
                execution.payment,
                now,
                token,
                execution.attempts,
                execution.first_at,
                execution.closing,
            )
        )

    def _no_answer(self, execution: Execution, token: int) -> None:
        if execution.state is not State.RUNNING or execution.token != token:
            return
        self.timed_out += 1
        now, cutoff = self._agenda.now, execution.payment.cutoff
        last = cutoff - LAST_BEFORE_CUTOFF
        self._round(execution, min(now + AFTER_NO_ANSWER, last) if now < last else cutoff)

    def _end(self, execution: Execution, state: State) -> None:
        self._pay(TRANSITIONS_OF_AN_END)
        execution.state = state
        self.open -= 1

    def _pay(self, transitions: float) -> float:
        late = self._transitions.delay(self._agenda.now, transitions)
        self._note("StateTransition", transitions, refused=late > 1)
        return late
