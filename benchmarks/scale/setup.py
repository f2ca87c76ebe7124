"""The parameters of a run: the stack's own settings, and the quotas it meets. Only values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from math import inf

from cancel_payment.decision import SlowRetry

from benchmarks.scale.limits import LIMITS

BATCH = 10


def _published(name: str) -> float:
    return LIMITS[name].value


@dataclass(frozen=True)
class Quotas:
    """Full-size figures, by the names of `limits.LIMITS`."""

    in_flight: float = _published("in_flight")
    start_size: float = _published("start_size")
    start_refill: float = _published("start_refill")
    tell_size: float = _published("tell_size")
    tell_refill: float = _published("tell_refill")
    transition_size: float = _published("transition_size")
    transition_refill: float = _published("transition_refill")
    open_executions: float = _published("open_executions")
    sign: float = inf
    """Signatures by KMS a second; infinite where the secret's own key signs."""


@dataclass(frozen=True)
class Setup:
    """One stack; durations in seconds.

    Attributes
    ----------
    scale
        How many payments one payment of the run stands for.
    concurrency
        `MaximumConcurrency`: batches at a time.
    max_receive_count, token_timeout, closing_call
        Of the template and the state machine.
    poll
        A message that becomes visible is noticed so much later at most. AWS's pollers ask all the
        time, that of the local stack once a second.
    effects
        From the last answer of a batch to the end of its invocation.
    """

    scale: float = 1
    concurrency: float = 10
    max_receive_count: int = 100
    token_timeout: float = 2700
    closing_call: float = 900
    gateway_timeout: float = 8
    slow: SlowRetry = field(
        default_factory=lambda: SlowRetry(timedelta(seconds=60), timedelta(seconds=900))
    )
    poll: float = 0.0
    effects: float = 0.05
    quotas: Quotas = field(default_factory=Quotas)
