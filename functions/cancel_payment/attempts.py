"""All attempts of a batch at the same time, and none that could outlive the invocation."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import Final, Literal

from cancel_payment.alipay.credentials import Credentials
from cancel_payment.alipay.gateway import Gateway
from cancel_payment.alipay.result import Evidence, Result, no_answer, not_sent
from cancel_payment.clock import Clock, Deadline
from cancel_payment.decision import may_send
from cancel_payment.model import Attempt, CancelRequest

MAX_WORKERS: Final = 100

EFFECTS_RESERVE_SECONDS: Final = 8.0
"""What the effects of a batch may need, with one retry of a slow AWS call."""

# A call ends by its own deadline, but for a signature that is waited for.
_GRACE_SECONDS: Final = 0.5

WINDOW_CLOSED: Final = "the cancel window has closed"
_TIME_IS_UP: Final = "the call's time is used up"


@dataclass(slots=True)
class _Sending:
    """Whether a request may have been sent. Once it is given up, none is."""

    begun: bool = False
    given_up: bool = False
    lock: Lock = field(default_factory=Lock)

    def begin(self) -> bool:
        with self.lock:
            self.begun = not self.given_up
            return self.begun

    def give_up(self) -> bool:
        """Whether none was sent."""
        with self.lock:
            self.given_up = True
            return not self.begun


class AttemptPool:
    """Runs a batch's calls side by side; whatever one of them raises is its own unknown.

    Parameters
    ----------
    timeout
        The whole time of one call.
    pool
        Lives as long as the execution environment: a batch of 10 uses 10 of its threads again and
        again, each with its connection.
    """

    def __init__(self, gateway: Gateway, timeout: timedelta, clock: Clock, pool: Executor) -> None:
        self._gateway = gateway
        self._timeout = timeout.total_seconds()
        self._clock = clock
        self._pool = pool

    def run(
        self, requests: Sequence[CancelRequest], credentials: Credentials, deadline: Deadline
    ) -> list[Attempt]:
        """Attempt each request once.

        Parameters
        ----------
        deadline
            The end of the invocation. No attempt starts when what is left by then is shorter than
            the gateway's timeout and the effects.

        Returns
        -------
        list of Attempt
            In the order of `requests`, each with the moment at which it ended.
        """
        batch = Deadline(self._clock, deadline.left() - EFFECTS_RESERVE_SECONDS)
        sending = [_Sending() for _ in requests]
        futures = [
            self._pool.submit(self._attempt, request, credentials, batch, begun)
            for request, begun in zip(requests, sending, strict=True)
        ]
        queued = len(requests) > MAX_WORKERS
        longest = max(batch.left(), 0.0) if queued else self._timeout
        collected = Deadline(self._clock, longest + _GRACE_SECONDS)
        attempts = [
            self._collect(request, future, begun, collected)
            for request, future, begun in zip(requests, futures, sending, strict=True)
        ]
        batch.cancel()
        return attempts

    def _attempt(
        self, request: CancelRequest, credentials: Credentials, batch: Deadline, sending: _Sending
    ) -> Attempt:
        began = self._clock.monotonic()
        if batch.left() < self._timeout:
            result = not_sent("too little of the invocation's time is left")
        else:
            result = self._call(request, credentials, batch, sending)
        latency_ms = None
        if result.evidence is not Evidence.NOT_SENT:
            latency_ms = (self._clock.monotonic() - began) * 1000
        return Attempt(request, result, self._clock.now(), latency_ms)

    def _call(
        self, request: CancelRequest, credentials: Credentials, batch: Deadline, sending: _Sending
    ) -> Result:
        call = Deadline(self._clock, self._timeout)

        def permit(step: Literal["sign", "send"]) -> str | None:
            if call.left() <= 0 or batch.left() <= 0:
                return _TIME_IS_UP
            if not may_send(request, self._clock.now()):
                return WINDOW_CLOSED
            return None if step == "sign" or sending.begin() else _TIME_IS_UP

        try:
            return self._gateway.cancel(request.payment, credentials, call, permit)
        except Exception as error:
            return no_answer(f"unexpected {type(error).__name__}")

    def _collect(
        self,
        request: CancelRequest,
        future: Future[Attempt],
        sending: _Sending,
        collected: Deadline,
    ) -> Attempt:
        try:
            return future.result(timeout=collected.left())
        except TimeoutError:
            future.cancel()
            # What a slow signer has kept from being sent was not asked.
            late = not_sent if sending.give_up() else no_answer
            result = late("the call did not end in time")
        except Exception as error:
            result = no_answer(f"unexpected {type(error).__name__}")
        return Attempt(request, result, self._clock.now())
