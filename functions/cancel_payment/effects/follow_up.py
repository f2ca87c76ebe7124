"""What follows for one payment: its tracker is started or notified, or a dead letter is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cancel_payment.effects.dead_letters import DeadLetters
from cancel_payment.effects.tracker import Tracker
from cancel_payment.execution_names import MAX_TRACKERS
from cancel_payment.model import DeadLetter, Decided, Outcome, Resolve, Track

_INQUIRE: Final = (
    "Inquire the status of the payment, and contact Alipay+ support with its ids if it is unclear. "
    "Redrive this message to ask for its cancellation once more."
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The effects of one payment that are not done in batches."""

    tracker: Tracker
    dead_letters: DeadLetters

    def is_needed_after(self, one: Decided) -> bool:
        """Whether more is to be done once the outcome is out."""
        assert isinstance(one.decision, Resolve)
        return one.request.tracking is not None or one.decision.outcome is Outcome.FAILED

    def after_outcome(self, one: Decided) -> None:
        """After the outcome is out: notify the tracker, or send what can be redriven."""
        resolve = one.decision
        assert isinstance(resolve, Resolve)
        if one.request.tracking is not None:
            if self.tracker.tell_resolved(one.attempt, resolve):
                return
            if resolve.outcome is not Outcome.FAILED or self.tracker.looks_after(one.request):
                return
        code = one.attempt.result.code
        self.dead_letters.send(
            _letter(one, f"cancelPayment failed with {code}", resolve.further_action, code)
        )

    def hand_over(self, one: Decided, track: Track) -> None:
        """A token that is no longer valid is no end: the request is then an untracked one, unless
        its tracker still runs or has succeeded."""
        if one.request.tracking is not None:
            if self.tracker.tell_unknown(one.attempt, track):
                return
            if self.tracker.looks_after(one.request):
                return
        if one.request.closing:
            # Another tracker would make another closing call, for ever.
            reason = "the closing call gave no answer that proves anything, and its tracker is gone"
            self.dead_letters.send(_letter(one, reason, _INQUIRE))
        elif not self.tracker.start(one.attempt, track):
            reason = f"all {MAX_TRACKERS} trackers that this payment may have had have ended"
            self.dead_letters.send(_letter(one, reason, _INQUIRE))


def _letter(
    one: Decided, reason: str, further_action: str, result_code: str | None = None
) -> DeadLetter:
    request = one.request
    return DeadLetter(
        message_id=request.message_id,
        body=request.body,
        reason=reason,
        further_action=further_action,
        result_code=result_code,
        ids=request.payment.parameters,
    )
