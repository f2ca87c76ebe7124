"""Result + window + clock -> what next. Pure: the clock and the jitter are passed in.

Sources: docs.alipayplus.com/alipayplus/alipayplus/api_acq/cancel_payment, "Result processing
logic" (the fast phase: "in the first 60 seconds at an interval of 5 to 10 seconds", and that
retrying is then allowed before the cutoff). The slow phase is this project's own, since no
source gives an interval for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cancel_payment.alipay.result import Evidence, Result
from cancel_payment.alipay.result_codes import (
    AFTER_CANCELLED,
    CANCEL_WINDOW_EXCEED,
    REQUEST_TRAFFIC_EXCEED_LIMIT,
    further_action,
)
from cancel_payment.clock import Jitter
from cancel_payment.model import (
    CancelRequest,
    ComeBack,
    Decision,
    Outcome,
    Requeue,
    Resolve,
    Track,
)

FAST_PHASE: Final = timedelta(seconds=60)
FAST_INTERVAL_MIN: Final = timedelta(seconds=5)
# The rule allows 10 s. Whole seconds of visibility add up to one, polling up to another: 9.5 s.
FAST_INTERVAL_AIM: Final = timedelta(seconds=7, milliseconds=500)

# The last attempts of all trackers before one cutoff are spread over this half minute.
LAST_ATTEMPT_FROM: Final = timedelta(seconds=60)
LAST_ATTEMPT_UNTIL: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SlowRetry:
    """Bounds of the slow phase's backoff."""

    initial: timedelta
    max: timedelta


def may_send(request: CancelRequest, now: datetime) -> bool:
    """Whether the call may be made: a tracked one before the cutoff, the closing call at any time.

    Untracked ones always: they are the event itself, or its repeat after a fault, and only the
    gateway can answer ``CANCEL_WINDOW_EXCEED``.
    """
    return request.tracking is None or request.closing or now < request.cutoff_at


def decide(
    request: CancelRequest, result: Result, now: datetime, slow: SlowRetry, jitter: Jitter
) -> Decision:
    """What happens next with a payment.

    Parameters
    ----------
    now
        When the attempt ended; every delay counts from here.

    Returns
    -------
    Decision
        `Resolve` only for S and F, which only a signed answer gives. Unknown never becomes
        anything else: `Requeue` in the first 60 s, else `Track`.
    """
    # Branch on resultStatus first, on resultCode second.
    if result.status == "S":
        return Resolve(Outcome.CANCELLED, AFTER_CANCELLED)
    if result.status == "F":
        code = result.code or ""
        refund = code == CANCEL_WINDOW_EXCEED
        return Resolve(Outcome.REFUND_REQUIRED if refund else Outcome.FAILED, further_action(code))
    if request.closing and result.evidence is Evidence.NOT_SENT:
        return ComeBack()
    last_attempt_by = request.cutoff_at - LAST_ATTEMPT_UNTIL
    if last_attempt_by - now < FAST_INTERVAL_MIN:
        return Track(request.cutoff_at)
    throttled = result.code == REQUEST_TRAFFIC_EXCEED_LIMIT
    if request.tracking or throttled or now - request.first_attempt_at >= FAST_PHASE:
        return Track(_slow(request, now, slow, jitter))
    return Requeue(now + jitter(FAST_INTERVAL_MIN, FAST_INTERVAL_AIM))


def _slow(request: CancelRequest, now: datetime, slow: SlowRetry, jitter: Jitter) -> datetime:
    """The delay doubles without a counter: it follows the time since the first attempt, and never
    exceeds the time that is left, so that attempts come closer towards the cutoff."""
    last_attempt_by = request.cutoff_at - LAST_ATTEMPT_UNTIL
    left = last_attempt_by - now
    if left < timedelta(seconds=60):
        earliest = max(now + FAST_INTERVAL_MIN, request.cutoff_at - LAST_ATTEMPT_FROM)
        return earliest + jitter(timedelta(), last_attempt_by - earliest)
    delay = min(max(now - request.first_attempt_at, slow.initial), slow.max, left)
    return now + jitter(delay / 2, delay)
