"""Result + window + clock -> what next. Pure: the clock and the jitter are passed in.

Sources: docs.alipayplus.com/alipayplus/alipayplus/api_acq/cancel_payment, "Result processing
logic" (the fast phase: "in the first 60 seconds at an interval of 5 to 10 seconds", and that
retrying is then allowed before the cutoff). The slow phase is this project's own, since no
source gives an interval for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cancel_payment.model import Decision, Outcome, Requeue, Resolve, Result, Track
from cancel_payment.payment import CancelRequest
from cancel_payment.result_codes import (
    AFTER_CANCELLED,
    CANCEL_WINDOW_EXCEED,
    REQUEST_TRAFFIC_EXCEED_LIMIT,
    further_action,
)

type Jitter = Callable[[timedelta, timedelta], timedelta]
"""A uniformly chosen duration between the two."""

FAST_PHASE: Final = timedelta(seconds=60)
FAST_INTERVAL_MIN: Final = timedelta(seconds=5)
# The rule allows 10 s. Whole seconds of visibility add up to one, polling up to another.
FAST_INTERVAL_AIM: Final = timedelta(seconds=7, milliseconds=500)
LAST_ATTEMPT_BEFORE_CUTOFF: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SlowRetry:
    """Bounds of the slow phase's backoff."""

    initial: timedelta
    max: timedelta


def may_send(request: CancelRequest, now: datetime) -> bool:
    """Whether the call may be made: before the cutoff, or as the very first of its event.

    Only the gateway can answer ``CANCEL_WINDOW_EXCEED``, so the first is made however late.
    """
    return request.is_first_attempt or now < request.cutoff_at


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
    throttled = result.code == REQUEST_TRAFFIC_EXCEED_LIMIT
    if request.tracked or throttled or now - request.first_attempt_at >= FAST_PHASE:
        return Track(_slow(request, now, slow, jitter))
    return _fast(request, now, jitter)


def _fast(request: CancelRequest, now: datetime, jitter: Jitter) -> Decision:
    last_attempt = request.cutoff_at - LAST_ATTEMPT_BEFORE_CUTOFF
    room = last_attempt - now
    if room < FAST_INTERVAL_MIN:
        # No moment is both 5 s from now and 30 s before the cutoff.
        return Track(request.cutoff_at)
    return Requeue(now + jitter(FAST_INTERVAL_MIN, min(FAST_INTERVAL_AIM, room)))


def _slow(request: CancelRequest, now: datetime, slow: SlowRetry, jitter: Jitter) -> datetime:
    """The delay doubles without a counter: it follows the time since the first attempt."""
    last_attempt = request.cutoff_at - LAST_ATTEMPT_BEFORE_CUTOFF
    if now >= last_attempt:
        return request.cutoff_at
    delay = min(max(now - request.first_attempt_at, slow.initial), slow.max)
    return min(now + jitter(delay / 2, delay), last_attempt)
