"""One batch: attempts, the project's own decisions, and their effects in the function's order."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cancel_payment import result
from cancel_payment.decision import decide, may_send
from cancel_payment.model import Decision, Outcome, Requeue, Resolve, Result, Track
from cancel_payment.payment import CancelRequest, Payment
from cancel_payment.visibility import Visibility

from benchmarks.scale.agenda import Agenda
from benchmarks.scale.buckets import Bucket
from benchmarks.scale.figures import Figures
from benchmarks.scale.gateway import Gateway
from benchmarks.scale.queue import Message, Queue
from benchmarks.scale.setup import Setup
from benchmarks.scale.tracker import Tracker

_ANYBODY = Payment("1", None, "2026-01-01T00:00:00+08:00")
_CLOSED = result.not_sent("the cancel window has closed")

type Attempt = tuple[Message, CancelRequest, Result, float]


class Function:
    """The function behind the queue.

    Parameters
    ----------
    comes_back
        Told of each message that will be visible again, and when.
    ended
        Told of the end of each invocation.
    """

    def __init__(
        self,
        setup: Setup,
        agenda: Agenda,
        queue: Queue,
        gateway: Gateway,
        tracker: Tracker,
        figures: Figures,
        dice: random.Random,
    ) -> None:
        self._setup, self._agenda, self._queue = setup, agenda, queue
        self._gateway, self._tracker, self._figures = gateway, tracker, figures
        self._dice = dice
        quotas = setup.quotas
        self._bus = Bucket(quotas.put_events, quotas.put_events, setup.scale, setup.batch)
        self._timeouts: list[int] = []
        self._visibility = Visibility(self, "", lambda: agenda.moment(agenda.now))  # type: ignore[arg-type]
        self.comes_back: Callable[[float], None] = lambda until: None
        self.ended: Callable[[], None] = lambda: None

    def invoke(self, batch: list[Message]) -> float:
        """Begin an invocation; returns how long it takes."""
        now = self._agenda.now
        attempts = [self._attempt(message, now + self._setup.before) for message in batch]
        ends = max(ended for *_, ended in attempts) + self._setup.effects
        self._figures.count("invocations", now)
        self._figures.count("busy", now, ends - now)
        self._agenda.at(ends, self._carry_out, attempts)
        return ends - now

    def _attempt(self, message: Message, now: float) -> Attempt:
        request = self._request(message)
        if not may_send(request, self._agenda.moment(now)):
            return message, request, _CLOSED, now
        message.payment.attempts.append(now)
        self._figures.count("calls", now)
        found, ended = self._gateway.call(message.payment, now)
        return message, request, found, ended

    def _carry_out(self, attempts: list[Attempt]) -> None:
        decided = [(one, self._decide(one)) for one in attempts]
        published = True
        if any(isinstance(decision, Resolve) for _, decision in decided):
            self._figures.count("PutEvents", self._agenda.now)
            published = self._bus.take(self._agenda.now)
            if not published:
                self._figures.hit("put_events", self._agenda.now)
        requeued = [(one, decision) for one, decision in decided if isinstance(decision, Requeue)]
        for one, decision in decided:
            match decision:
                case Resolve():
                    self._settle(one[0], published and self._resolve(one, decision))
                case Track():
                    self._settle(one[0], self._track(one, decision))
        self._requeue(requeued)
        self.ended()

    def _decide(self, attempt: Attempt) -> Decision:
        _, request, found, ended = attempt
        at = self._agenda.moment(ended)
        return decide(request, found, at, self._setup.slow, self._jitter)

    def _resolve(self, attempt: Attempt, resolve: Resolve) -> bool:
        message, request, _, ended = attempt
        payment = message.payment
        if not payment.ended:
            payment.ended, payment.ended_at = resolve.outcome.value, ended
        if message.tracking is not None:
            return self._tracker.tell(message, request.attempt, None)
        if resolve.outcome is Outcome.FAILED:
            self._queue.dead.append(message)
        return True

    def _track(self, attempt: Attempt, track: Track) -> bool:
        message, request, *_ = attempt
        next_at = self._agenda.seconds(track.next_attempt_at)
        if message.tracking is not None:
            return self._tracker.tell(message, request.attempt, next_at)
        first_at = self._agenda.seconds(request.first_attempt_at)
        return self._tracker.start(message.payment, request.attempt, first_at, next_at)

    def _settle(self, message: Message, done: bool) -> None:
        """An effect that failed brings its message back after the queue's own timeout."""
        if done:
            self._queue.delete()
        else:
            self._hide(message, message.received_at + self._setup.visibility_timeout)

    def _requeue(self, requeued: list[tuple[Attempt, Requeue]]) -> None:
        if not requeued:
            return
        self._figures.count("ChangeMessageVisibilityBatch", self._agenda.now)
        self._visibility.requeue([(one[1], requeue) for one, requeue in requeued])
        for (message, *_), _ in requeued:
            self._hide(message, self._agenda.now + self._timeouts.pop(0))

    def _hide(self, message: Message, until: float) -> None:
        self._queue.hide(message, until)
        self.comes_back(until)

    @property
    def sqs(self) -> Function:
        """`Visibility` finds its SQS client here."""
        return self

    def change_message_visibility_batch(self, **call: Any) -> dict[str, Any]:
        self._timeouts += [entry["VisibilityTimeout"] for entry in call["Entries"]]
        return {}

    def _request(self, message: Message) -> CancelRequest:
        attempt, first_at = message.receives, message.first_received_at
        tracking = message.tracking
        if tracking is not None:
            attempt, first_at = attempt + tracking.attempts, tracking.first_at
        return CancelRequest(
            message_id="",
            receipt_handle="",
            body="",
            payment=_ANYBODY,
            attempt=attempt,
            first_attempt_at=self._agenda.moment(first_at),
            cutoff_at=self._agenda.moment(message.payment.cutoff),
            task_token=str(tracking.token) if tracking else None,
        )

    def _jitter(self, least: timedelta, most: timedelta) -> timedelta:
        return least + (most - least) * self._dice.random()
