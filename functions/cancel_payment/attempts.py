"""All attempts of a batch at the same time, and none that could outlive the invocation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from cancel_payment import result
from cancel_payment.credentials import Credentials
from cancel_payment.gateway import Gateway
from cancel_payment.model import Attempt
from cancel_payment.payment import CancelRequest

MAX_WORKERS: Final = 100

EFFECTS_RESERVE: Final = timedelta(seconds=8)
"""What the effects of a batch may need, with one retry of a slow AWS call."""

# Host names are looked up outside the call's own deadline; this much longer is waited for it.
_GRACE: Final = timedelta(milliseconds=500)


class Attempts:
    """Runs a batch's calls in a thread pool that lives as long as the execution environment.

    Threads are started when they are needed, and kept: a batch of 10 uses 10 of `MAX_WORKERS`.
    """

    def __init__(self, gateway: Gateway, timeout: timedelta, clock: Callable[[], datetime]) -> None:
        self._gateway = gateway
        self._timeout = timeout
        self._clock = clock
        self._pool = ThreadPoolExecutor(MAX_WORKERS, thread_name_prefix="attempt")

    def run(
        self, requests: Sequence[CancelRequest], credentials: Credentials, remaining: timedelta
    ) -> list[Attempt]:
        """Attempt each request once.

        Parameters
        ----------
        remaining
            What is left of the invocation's time. No attempt starts when what is left by then is
            shorter than the gateway's timeout and the effects.

        Returns
        -------
        list of Attempt
            In the order of `requests`, each with the moment at which it ended.
        """
        began = time.monotonic()
        start_by = began + (remaining - self._timeout - EFFECTS_RESERVE).total_seconds()
        futures = [
            self._pool.submit(self._attempt, request, credentials, start_by) for request in requests
        ]
        last_start = start_by if len(requests) > MAX_WORKERS else began
        give_up_at = max(last_start, began) + (self._timeout + _GRACE).total_seconds()
        return [
            self._collect(request, future, give_up_at)
            for request, future in zip(requests, futures, strict=True)
        ]

    def _attempt(
        self, request: CancelRequest, credentials: Credentials, start_by: float
    ) -> Attempt:
        if time.monotonic() > start_by:
            outcome = result.not_sent("too little of the invocation's time is left")
            return Attempt(request, outcome, self._clock())
        began = time.monotonic()
        outcome = self._gateway.cancel(request.payment, credentials)
        latency_ms = (time.monotonic() - began) * 1000
        return Attempt(request, outcome, self._clock(), latency_ms)

    def _collect(
        self, request: CancelRequest, future: Future[Attempt], give_up_at: float
    ) -> Attempt:
        try:
            return future.result(timeout=max(0.0, give_up_at - time.monotonic()))
        except TimeoutError:
            future.cancel()
            outcome = result.no_answer("the call did not end in time")
            return Attempt(request, outcome, self._clock())
