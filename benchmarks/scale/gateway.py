"""What Alipay+ answers to a call, and when: its usual days, its limit and its bad hours."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from enum import StrEnum

from cancel_payment.alipay.result import Evidence, Result
from cancel_payment.alipay.result_codes import CANCEL_WINDOW_EXCEED, REQUEST_TRAFFIC_EXCEED_LIMIT

from benchmarks.scale.agenda import Bucket
from benchmarks.scale.load import Payment
from benchmarks.scale.setup import Setup

SUCCESS = Result("S", Evidence.SIGNED, code="SUCCESS")
UNKNOWN = Result("U", Evidence.SIGNED, code="UNKNOWN_EXCEPTION")
TOO_MANY = Result("U", Evidence.SIGNED, code=REQUEST_TRAFFIC_EXCEED_LIMIT)
TOO_LATE = Result("F", Evidence.SIGNED, code=CANCEL_WINDOW_EXCEED)
NO_ANSWER = Result("U", Evidence.NO_ANSWER)


class Kind(StrEnum):
    SILENT = "no answer within the timeout"
    REFUSES = "connections refused at once"
    UNKNOWN = "unknown to everything"
    SLOW = "a limited rate, the rest waits"
    THROTTLES = "a limited rate, the rest is refused by code"


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Bad hours, in seconds since the start; `rate` in full-size calls a second."""

    kind: Kind
    begins: float
    ends: float
    rate: float = math.inf


class Gateway:
    """Answers after a latency of its own, in the order of arrival, and no more than its rate.

    A call whose client has given up costs it nothing.

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
        chance: random.Random,
        disturbance: Disturbance | None = None,
        *,
        latency: float = 0.1,
        spread: float = 0.5,
        rate: float = math.inf,
    ) -> None:
        self._scale, self._timeout = setup.scale, setup.gateway_timeout
        self._chance, self._bad = chance, disturbance
        self._latency, self._spread, self._rate = latency, spread, rate
        self._free_at = 0.0
        self._limit = Bucket(0, disturbance.rate if disturbance else 1, setup.scale)
        # The mean of the longest of ten draws: 1.54 sigma above the median.
        self.slowest = latency * math.exp(1.54 * spread)
        """Seconds until the slowest answer of a full batch is there."""

    def call(self, payment: Payment, now: float) -> tuple[Result, float]:
        """The result as the function knows it, and when it does."""
        took = self._latency * math.exp(self._chance.gauss(0, self._spread))
        bad = self._bad if self._bad and self._bad.begins <= now < self._bad.ends else None
        match bad.kind if bad else None:
            case Kind.SILENT:
                return NO_ANSWER, now + self._timeout
            case Kind.REFUSES:
                return NO_ANSWER, now + took
            case Kind.UNKNOWN:
                return UNKNOWN, now + took
            case Kind.THROTTLES if not self._limit.take(now):
                return TOO_MANY, now + took
        begins = max(self._free_at, now)
        if begins + took - now > self._timeout:
            return NO_ANSWER, now + self._timeout
        rate = bad.rate if bad and bad.kind is Kind.SLOW else self._rate
        self._free_at = begins + self._scale / rate
        return self._known(payment, begins + took), begins + took

    def _known(self, payment: Payment, at: float) -> Result:
        if at >= payment.cutoff:
            return TOO_LATE
        first = payment.sends[0]
        if len(payment.sends) <= payment.unknown_times or at < first + payment.unknown_for:
            return UNKNOWN
        return SUCCESS
