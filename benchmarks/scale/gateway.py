"""What Alipay+ answers to a call, and when: its usual days, its limit and its bad hours."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cancel_payment import result
from cancel_payment.model import Evidence, Result
from cancel_payment.result_codes import CANCEL_WINDOW_EXCEED, REQUEST_TRAFFIC_EXCEED_LIMIT

from benchmarks.scale.buckets import Bucket
from benchmarks.scale.setup import Setup

if TYPE_CHECKING:
    from benchmarks.scale.load import Payment

SUCCESS = Result("S", Evidence.SIGNED, code="SUCCESS")
UNKNOWN = Result("U", Evidence.SIGNED, code="UNKNOWN_EXCEPTION")
THROTTLED = Result("U", Evidence.SIGNED, code=REQUEST_TRAFFIC_EXCEED_LIMIT)
TOO_LATE = Result("F", Evidence.SIGNED, code=CANCEL_WINDOW_EXCEED)
SILENCE = result.no_answer("no whole answer in time")
REFUSED = result.no_answer("connection refused")

# Calls beyond the rate count as too many when they are so many seconds of it: a sample comes in
# clumps. Draws for the mean time of a batch.
_BACKLOG = 30.0
_DRAWS = 1000


class Kind(StrEnum):
    SILENT = "no answer within the timeout"
    REFUSES = "connections refused at once"
    UNKNOWN = "unknown to everything"
    SLOW = "a limited rate, the rest waits"
    THROTTLES = "a limited rate, the rest is told so"


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Bad hours, in seconds since the start; `rate` in full-size calls a second."""

    kind: Kind
    begins: float
    ends: float
    rate: float = math.inf


@dataclass(frozen=True, slots=True)
class Story:
    """What the gateway knows of one payment: `meanwhile` to the first attempts, then `final`."""

    final: Result = SUCCESS
    meanwhile: Result = UNKNOWN
    times: int = 0
    seconds: float = 0.0
    """How long after the first attempt it is still `meanwhile`."""
    delay: float = 0.0


class Gateway:
    """Answers after a latency of its own, and no more calls than its rate.

    Above its rate the calls under way wait in the order of arrival: each for as long as the gateway
    needs for all of them. So the wait follows from how many the pollers keep under way, and not
    from a queue in the sample, where one batch would be a crowd.

    Parameters
    ----------
    latency, spread
        Median in seconds, and sigma of the logarithm.
    rate
        Full-size calls a second.
    """

    def __init__(
        self,
        setup: Setup,
        dice: random.Random,
        *,
        latency: float = 0.1,
        spread: float = 0.5,
        rate: float = math.inf,
        disturbances: Sequence[Disturbance] = (),
    ) -> None:
        self._setup, self._dice = setup, dice
        self._latency, self._spread, self._rate = latency, spread, rate
        self._disturbances = disturbances
        draws = [max(self._took() for _ in range(setup.batch)) for _ in range(_DRAWS)]
        self._batch_takes = sum(draws) / _DRAWS + setup.effects
        self._owed, self._at = 0.0, 0.0
        self._limits = {
            one: Bucket(0, one.rate, setup.scale, setup.batch)
            for one in disturbances
            if one.kind is Kind.THROTTLES
        }
        self.crowd: Callable[[], float] = lambda: 0.0
        """Full-size calls that the pollers may keep under way."""

    def call(self, payment: Payment, now: float) -> tuple[Result, float]:
        """The result as the function knows it, and when it does."""
        bad = next((one for one in self._disturbances if one.begins <= now < one.ends), None)
        took = self._took() + payment.story.delay
        timeout = self._setup.gateway_timeout
        match bad.kind if bad else None:
            case Kind.SILENT:
                return SILENCE, now + timeout
            case Kind.REFUSES:
                return REFUSED, now + took
            case Kind.UNKNOWN:
                return UNKNOWN, now + took
            case Kind.THROTTLES:
                assert bad is not None
                if not self._limits[bad].take(now):
                    return THROTTLED, now + took
                return self._known(payment, now + took), now + took
        wait, answered = self._wait(now, bad.rate if bad else self._rate)
        if wait + took <= timeout:
            return self._known(payment, now + wait + took), now + wait + took
        ended = now + timeout
        if self._dice.random() < answered and took <= timeout:
            return self._known(payment, ended), ended
        return SILENCE, ended

    def _wait(self, now: float, rate: float) -> tuple[float, float]:
        """How long a call waits, and how many of those that would wait too long are answered."""
        if math.isinf(rate):
            return 0.0, 1.0
        setup = self._setup
        self._owed = max(0.0, self._owed - (now - self._at) * rate) + setup.scale
        self._at = now
        if self._owed <= rate * _BACKLOG + setup.batch * setup.scale:
            return 0.0, 1.0
        longest = setup.gateway_timeout + setup.effects
        crowd = self.crowd()
        return max(0.0, crowd / rate - self._batch_takes), rate * longest / crowd

    def _took(self) -> float:
        if not self._spread:
            return self._latency
        return self._latency * math.exp(self._dice.gauss(0, self._spread))

    def _known(self, payment: Payment, at: float) -> Result:
        story = payment.story
        if at >= payment.cutoff:
            return TOO_LATE
        if len(payment.attempts) <= story.times or at < payment.attempts[0] + story.seconds:
            return story.meanwhile
        return story.final
