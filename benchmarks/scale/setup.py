"""The parameters of a run: the stack's own settings, and the quotas it meets. Only values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from cancel_payment.decision import SlowRetry

from benchmarks.scale.limits import LIMITS


def _published(name: str) -> float:
    return LIMITS[name].value


@dataclass(frozen=True)
class Quotas:
    """Full-size figures, by the names of `limits.LIMITS`; `scaled` makes a sample's of them."""

    lambda_concurrency: float = _published("lambda_concurrency")
    pollers_first: float = _published("pollers_first")
    pollers_per_minute: float = _published("pollers_per_minute")
    pollers_most: float = _published("pollers_most")
    in_flight: float = _published("in_flight")
    start_size: float = _published("start_size")
    start_refill: float = _published("start_refill")
    tell_size: float = _published("tell_size")
    tell_refill: float = _published("tell_refill")
    transition_size: float = _published("transition_size")
    transition_refill: float = _published("transition_refill")
    open_executions: float = _published("open_executions")
    put_events: float = _published("put_events")


UNLIMITED = Quotas(**dict.fromkeys(Quotas.__dataclass_fields__, 1e12))


@dataclass(frozen=True)
class Setup:
    """One stack.

    Attributes
    ----------
    scale
        How many payments one of the simulation stands for.
    concurrency
        `MaximumConcurrency` of the template.
    visibility_timeout, max_receive_count, token_timeout
        Of the template and the state machine, in seconds and receives.
    effects
        Seconds from the last answer of a batch to the end of its invocation.
    before
        Seconds from taking a batch off the queue to its first call.
    notice
        A message that becomes visible is noticed at most so many seconds later (uniform): AWS's
        pollers ask the queue all the time.
    idle_poll
        Instead of `notice`: the one poller of the local stack looks again after so many seconds
        without work, or at once when a message is sent or a batch ends.
    execution_delay
        Seconds from StartExecution to the first state.
    oldest_first
        The order of the local stack's queue; a standard queue of SQS promises none.
    """

    scale: float = 1
    concurrency: float = 10
    batch: int = 10
    visibility_timeout: float = 180
    max_receive_count: int = 100
    token_timeout: float = 2700
    gateway_timeout: float = 8
    slow: SlowRetry = field(
        default_factory=lambda: SlowRetry(timedelta(seconds=60), timedelta(seconds=900))
    )
    effects: float = 0.05
    before: float = 0.0
    notice: float = 0.1
    idle_poll: float | None = None
    execution_delay: float = 0.0
    oldest_first: bool = False
    quotas: Quotas = field(default_factory=Quotas)
