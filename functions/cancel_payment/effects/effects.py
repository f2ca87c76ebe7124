"""The decisions of a batch, carried out side by side and in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, as_completed, wait
from dataclasses import dataclass
from typing import Any, Final

from cancel_payment.aws import TooLateError, error_code, within
from cancel_payment.clock import Clock, Deadline, Jitter
from cancel_payment.effects.dead_letters import DeadLetters
from cancel_payment.effects.follow_up import FollowUp
from cancel_payment.effects.outcomes import Outcomes, calls
from cancel_payment.effects.visibility import Visibility, Waiting, after_failed_effect
from cancel_payment.model import (
    ComeBack,
    Decided,
    RejectedRecord,
    Requeue,
    Resolve,
    Track,
)
from cancel_payment.observability import logger

# Waited for before anything else begins: enough for a service that answers at all.
_REQUEUE_SECONDS: Final = 2.0
# Kept for the last call, and for the handler's return.
_LAST_CALL_SECONDS: Final = 3.0
_RETURN_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Effects:
    """All that an attempt may change in the world."""

    outcomes: Outcomes
    dead_letters: DeadLetters
    follow_up: FollowUp
    visibility: Visibility
    clock: Clock
    jitter: Jitter
    pool: Executor

    def carry_out(
        self, decided: Sequence[Decided], rejected: Sequence[RejectedRecord], deadline: Deadline
    ) -> set[str]:
        """Carry out a batch, in time whichever service hangs.

        Parameters
        ----------
        deadline
            The end of the invocation. What does not fit counts as failed, and is not begun later.

        Returns
        -------
        set of str
            The ids of the messages whose effects failed: they come back.
        """
        time = Deadline(self.clock, deadline.left() - _LAST_CALL_SECONDS)
        self._requeue(decided, time)
        effects: dict[str, Future[None]] = {}
        for one in rejected:
            effects[one.letter.message_id] = self._begin(time, self.dead_letters.send, one.letter)
        for each in decided:
            if isinstance(each.decision, Track):
                effects[each.request.message_id] = self._begin(
                    time, self.follow_up.hand_over, each, each.decision
                )
        failed = self._resolve(decided, effects, time)
        wait(effects.values(), time.left())
        time.cancel()
        for message_id, effect in effects.items():
            if (error := _error(effect)) is not None:
                failed[message_id] = error
        self._bring_back(decided, rejected, failed, deadline)
        return set(failed)

    def _begin(self, time: Deadline, effect: Callable[..., Any], *arguments: Any) -> Future[Any]:
        def carried_out() -> Any:
            if time.left() <= 0:
                raise TooLateError
            with within(time):
                return effect(*arguments)

        return self.pool.submit(carried_out)

    def _requeue(self, decided: Sequence[Decided], time: Deadline) -> None:
        """First, since its delays are short, and what the other effects take may be long."""
        waiting = [
            Waiting(
                one.request.receipt_handle,
                one.decision.visible_at,
                one.request.payment.parameters,
            )
            for one in decided
            if isinstance(one.decision, Requeue)
        ]
        if waiting:
            change = self._begin(time, self.visibility.change, waiting)
            wait([change], min(_REQUEUE_SECONDS, time.left()))

    def _resolve(
        self, decided: Sequence[Decided], effects: dict[str, Future[None]], time: Deadline
    ) -> dict[str, str]:
        """Publish the outcomes; what follows from a published one joins `effects`.

        Returns
        -------
        dict
            By message id, why an outcome is not published.
        """
        failed: dict[str, str] = {}
        entries, resolved = [], []
        for one in decided:
            if isinstance(one.decision, Resolve):
                try:
                    entries.append(self.outcomes.entry(one.attempt, one.decision))
                    resolved.append(one)
                except Exception as unexpected:
                    failed[one.request.message_id] = f"unexpected {type(unexpected).__name__}"
        publishing = {
            self._begin(time, self.outcomes.publish, [entries[index] for index in call]): call
            for call in calls(entries)
        }
        try:
            for published in as_completed(publishing, time.left()):
                call = publishing.pop(published)
                error = _error(published)
                codes = [error] * len(call) if error is not None else published.result()
                for index, code in zip(call, codes, strict=True):
                    message_id = resolved[index].request.message_id
                    if code is not None:
                        failed[message_id] = f"outcome not published: {code}"
                    elif self.follow_up.is_needed_after(resolved[index]):
                        effects[message_id] = self._begin(
                            time, self.follow_up.after_outcome, resolved[index]
                        )
        except TimeoutError:
            for call in publishing.values():
                for index in call:
                    failed[resolved[index].request.message_id] = "outcome not published in time"
        return failed

    def _bring_back(
        self,
        decided: Sequence[Decided],
        rejected: Sequence[RejectedRecord],
        failed: dict[str, str],
        deadline: Deadline,
    ) -> None:
        """One more call for all whose effects failed, and for closing calls that were not sent."""
        now = self.clock.now()
        waiting = []
        for one in decided:
            request, ids = one.request, one.request.payment.parameters
            if request.message_id in failed:
                _log_failure(failed[request.message_id], request.message_id, ids)
            if request.message_id in failed or isinstance(one.decision, ComeBack):
                visible_at = after_failed_effect(request.receives, now, self.jitter)
                waiting.append(Waiting(request.receipt_handle, visible_at, ids))
        for record in rejected:
            message_id, ids = record.letter.message_id, dict(record.letter.ids)
            if message_id in failed:
                _log_failure(failed[message_id], message_id, ids)
                visible_at = after_failed_effect(record.receives, now, self.jitter)
                waiting.append(Waiting(record.receipt_handle, visible_at, ids))
        if waiting:
            time = Deadline(self.clock, deadline.left() - _RETURN_SECONDS)
            wait([self._begin(time, self.visibility.change, waiting)], time.left())
            time.cancel()


def _error(effect: Future[Any]) -> str | None:
    """Why an effect failed: the service's code or the kind of error; ``None`` if it did not."""
    if not effect.done() or effect.cancelled():
        return "not done in time"
    error = effect.exception()
    return None if error is None else error_code(error)  # type: ignore[arg-type]


def _log_failure(reason: str, message_id: str, ids: dict[str, str]) -> None:
    logger.error(
        "an effect failed, the message comes back",
        extra={**ids, "messageId": message_id, "reason": reason},
    )
