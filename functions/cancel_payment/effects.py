"""The decisions of a batch, carried out in an order that loses no payment.

An outcome event is published before its message is deleted, and before the tracker is told. An
effect that fails makes its record a batch item failure: the message comes back and the cancel is
sent again, which is safe since it is idempotent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cancel_payment.model import Attempt, Decided, Outcome, Requeue, Resolve, Track
from cancel_payment.outcomes import Outcomes
from cancel_payment.payment import RejectedRecord
from cancel_payment.rejects import Rejects
from cancel_payment.tracker import Tracker
from cancel_payment.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Effects:
    """All that an attempt may change in the world."""

    outcomes: Outcomes
    tracker: Tracker
    rejects: Rejects
    visibility: Visibility

    def carry_out(
        self, decided: Sequence[Decided], rejected: Sequence[RejectedRecord]
    ) -> tuple[set[str], set[str]]:
        """Carry out a batch.

        Returns
        -------
        failed, requeued : set of str
            The ids of the messages whose effects failed, and of those that wait on the queue by
            decision. Both are batch item failures: SQS deletes neither.
        """
        failed = self.rejects.send(rejected) | self._resolve(decided) | self._track(decided)
        requeued = [
            (one.request, one.decision) for one in decided if isinstance(one.decision, Requeue)
        ]
        self.visibility.requeue(requeued)  # last: its delays count from the call
        return failed, {request.message_id for request, _ in requeued}

    def _resolve(self, decided: Sequence[Decided]) -> set[str]:
        resolved = [
            (one.attempt, one.decision) for one in decided if isinstance(one.decision, Resolve)
        ]
        failed = self.outcomes.publish(resolved)
        redrivable: list[RejectedRecord] = []
        for attempt, resolve in resolved:
            request = attempt.request
            if request.message_id in failed:
                continue
            if request.tracked:
                if not self.tracker.tell_resolved(attempt, resolve):
                    failed.add(request.message_id)
            elif resolve.outcome is Outcome.FAILED:
                redrivable.append(_failed_payment(attempt, resolve))
        return failed | self.rejects.send(redrivable)

    def _track(self, decided: Sequence[Decided]) -> set[str]:
        failed: set[str] = set()
        for one in decided:
            if not isinstance(one.decision, Track):
                continue
            hand_over = self.tracker.tell_unknown if one.request.tracked else self.tracker.start
            if not hand_over(one.attempt, one.decision):
                failed.add(one.request.message_id)
        return failed


def _failed_payment(attempt: Attempt, resolve: Resolve) -> RejectedRecord:
    """An untracked failure waits in the dead-letter queue, so that an operator who mended the
    cause can redrive it."""
    request, code = attempt.request, attempt.result.code
    return RejectedRecord(
        message_id=request.message_id,
        body=request.body,
        reason=f"cancelPayment failed with {code}",
        further_action=resolve.further_action,
        result_code=code,
        ids=request.payment.parameters,
    )
