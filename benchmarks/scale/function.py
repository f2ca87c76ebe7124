"""One record: its attempt, the project's own decision, and the effect.

A record of the sample stands for whole batches of its like, so it takes as long as the slowest
answer of ten.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from cancel_payment.alipay.payment import Payment
from cancel_payment.alipay.result import Evidence, Result
from cancel_payment.decision import decide, may_send
from cancel_payment.effects.visibility import after_failed_effect
from cancel_payment.model import CancelRequest, ComeBack, Outcome, Requeue, Resolve, Track, Tracking

from benchmarks.scale.agenda import Agenda, Bucket
from benchmarks.scale.gateway import Gateway
from benchmarks.scale.queue import Message, Queue
from benchmarks.scale.setup import Setup
from benchmarks.scale.tracker import State, TokenResult, Tracker

_ANYBODY = Payment("1", None, "2026-01-01T00:00:00+08:00")
NOT_SENT = Result("U", Evidence.NOT_SENT)
# Until KMS has said that there are too many; it is not asked again within the attempt.
_UNSIGNED_SECONDS = 0.05


class Function:
    """The function behind the queue."""

    def __init__(
        self,
        setup: Setup,
        agenda: Agenda,
        chance: random.Random,
        gateway: Gateway,
        note: Callable[..., None],
    ) -> None:
        self._setup, self._agenda, self._chance = setup, agenda, chance
        self._gateway, self._note = gateway, note
        self._signatures = Bucket(setup.quotas.sign, setup.quotas.sign, setup.scale)
        self._signs_remotely = setup.quotas.sign < float("inf")
        self.queue: Queue
        self.tracker: Tracker

    def invoke(self, message: Message) -> float:
        """Begin an invocation; returns how many seconds it takes."""
        now = self._agenda.now
        message.first_at = message.first_at or now
        request = self._request(message)
        result, ended = self._attempt(message, request, now)
        self._agenda.at(ended, self._carry_out, message, request, result)
        slowest = self._gateway.slowest if message.payment.sends else 0.0
        return max(ended - now, slowest) + self._setup.effects

    def _attempt(
        self, message: Message, request: CancelRequest, now: float
    ) -> tuple[Result, float]:
        if not may_send(request, self._agenda.moment(now)):
            return NOT_SENT, now
        if self._signs_remotely:
            signed = self._signatures.take(now)
            self._note("KMS Sign", refused=not signed)
            if not signed:
                return NOT_SENT, now + _UNSIGNED_SECONDS
        message.payment.sends.append(now)
        self._note("closing calls" if message.closing else "calls")
        return self._gateway.call(message.payment, now)

    def _carry_out(self, message: Message, request: CancelRequest, result: Result) -> None:
        now = self._agenda.now
        decision = decide(request, result, self._agenda.moment(now), self._setup.slow, self._jitter)
        match decision:
            case Resolve():
                self._settle(message, done=self._resolve(message, decision.outcome))
            case Track(next_attempt_at=then):
                self._settle(message, done=self._track(message, self._agenda.seconds(then)))
            case Requeue(visible_at=then):
                # Visibility is in whole seconds, rounded up.
                at = self._agenda.seconds(then) + self._chance.random()
                self._note("requeued")
                self.queue.hide(message, at)
            case ComeBack():
                self._settle(message, done=False)

    def _resolve(self, message: Message, outcome: Outcome) -> bool:
        message.payment.end(outcome.value, self._agenda.now)
        return (
            message.token is None or self.tracker.tell(message, None) is not TokenResult.THROTTLED
        )

    def _track(self, message: Message, next_at: float) -> bool:
        if message.token is not None:
            result = self.tracker.tell(message, next_at)
            if result is not TokenResult.DEAD:
                return result is TokenResult.DONE
            # A dead token: nothing to do while its tracker runs or where it has succeeded.
            if message.payment.execution.state is not State.UNRESOLVED:
                return True
            if message.closing:
                self.queue.dead.append(message)
                return True
        attempts = message.attempts + message.receives
        return self.tracker.start(message.payment, attempts, message.first_at, next_at)

    def _settle(self, message: Message, *, done: bool) -> None:
        """A record whose effect failed comes back soon, and ever later."""
        if done:
            self.queue.delete()
            return
        self._note("effects failed")
        now = self._agenda.moment(self._agenda.now)
        visible_at = after_failed_effect(message.receives, now, self._jitter)
        self.queue.hide(message, self._agenda.seconds(visible_at))

    def _request(self, message: Message) -> CancelRequest:
        first_at, tracking = self._agenda.moment(message.first_at), None
        if message.token is not None:
            tracking = Tracking(
                str(message.token), message.attempts, first_at, None, message.closing
            )
        return CancelRequest(
            message_id="",
            receipt_handle="",
            body="",
            payment=_ANYBODY,
            receives=message.receives,
            attempt=message.attempts + message.receives,
            first_attempt_at=first_at,
            cutoff_at=self._agenda.moment(message.payment.cutoff),
            tracking=tracking,
        )

    def _jitter(self, least: timedelta, most: timedelta) -> timedelta:
        return least + (most - least) * self._chance.random()
