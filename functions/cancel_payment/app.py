"""The handler: a batch of records in, the batch item failures out. It only wires the line.

Record -> request -> signed call -> result -> decision -> effect: each step is a module of its
own, called here in this order.
"""

from __future__ import annotations

import gc

# What is imported stays: the collector would go through it again and again, for a tenth of the
# start-up, and find nothing. Below, once all is imported, it is told so.
gc.disable()

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from cancel_payment import request, result
from cancel_payment.attempts import Attempts
from cancel_payment.aws import Clients
from cancel_payment.credentials import CredentialsError
from cancel_payment.credentials_cache import CredentialsCache
from cancel_payment.decision import SlowRetry, decide, may_send
from cancel_payment.effects import Effects
from cancel_payment.gateway import Gateway
from cancel_payment.model import Attempt, Decided
from cancel_payment.observability import logger
from cancel_payment.outcomes import Outcomes
from cancel_payment.payment import CancelRequest, RejectedRecord
from cancel_payment.rejects import Rejects
from cancel_payment.report import report
from cancel_payment.settings import Settings
from cancel_payment.tracker import Tracker
from cancel_payment.visibility import Visibility

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext


def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Attempt the cancellation of every payment of an SQS batch.

    Parameters
    ----------
    event
        ``{"Records": [...]}`` as SQS event sources send it.
    context
        The invocation's context; its remaining time bounds the attempts.

    Returns
    -------
    dict
        ``{"batchItemFailures": [{"itemIdentifier": messageId}, ...]}``: the messages that SQS must
        keep, because they wait for their next attempt or because an effect failed.

    Raises
    ------
    SettingsError
        The environment is not usable; every message of the batch comes back.
    """
    logger.append_keys(functionRequestId=context.aws_request_id)
    remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
    kept = cancellation().of_batch(event["Records"], remaining)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in kept]}


@cache
def cancellation() -> Cancellation:
    """What an execution environment keeps between invocations; made by the first of them."""
    settings = Settings.from_environment(os.environ)
    clients = Clients()
    gateway = Gateway(settings.gateway_url, settings.gateway_timeout, _now)
    return Cancellation(
        attempts=Attempts(gateway, settings.gateway_timeout, _now),
        credentials=CredentialsCache(
            lambda: clients.read_secret(settings.credentials_secret_arn), _now
        ),
        effects=Effects(
            Outcomes(clients, settings.outcome_bus_name),
            Tracker(clients, settings.tracker_state_machine_arn),
            Rejects(clients, settings.payment_timeouts_dlq_url),
            Visibility(clients, settings.payment_timeouts_queue_url, _now),
        ),
        slow_retry=SlowRetry(settings.slow_retry_initial, settings.slow_retry_max),
        clock=_now,
    )


@dataclass(frozen=True, slots=True)
class Cancellation:
    """One way from records to effects, with everything that it needs passed in."""

    attempts: Attempts
    credentials: CredentialsCache
    effects: Effects
    slow_retry: SlowRetry
    clock: Callable[[], datetime]

    def of_batch(self, records: list[Mapping[str, Any]], remaining: timedelta) -> list[str]:
        """Attempt a batch; the ids of the messages that SQS must keep, in the batch's order."""
        read = [request.read(record) for record in records]
        rejected = [one for one in read if isinstance(one, RejectedRecord)]
        requests = [one for one in read if isinstance(one, CancelRequest)]

        attempts = self._attempt(requests, remaining)
        if any(one.result.distrusts_keys for one in attempts):
            self.credentials.distrust()

        decided = [
            Decided(one, decide(one.request, one.result, one.ended_at, self.slow_retry, _jitter))
            for one in attempts
        ]
        failed, requeued = self.effects.carry_out(decided, rejected)
        report(decided, rejected, failed)
        return [
            record["messageId"] for record in records if record["messageId"] in failed | requeued
        ]

    def _attempt(self, requests: list[CancelRequest], remaining: timedelta) -> list[Attempt]:
        now = self.clock()
        closed = result.not_sent("the cancel window has closed")
        sendable = [one for one in requests if may_send(one, now)]
        late = [Attempt(one, closed, now) for one in requests if not may_send(one, now)]
        if not sendable:
            return late
        try:
            credentials = self.credentials.current()
        except CredentialsError as error:
            logger.error("no call can be signed", extra={"reason": str(error)})
            unsigned = result.no_answer("no call can be signed: see the credentials secret")
            return late + [Attempt(one, unsigned, now) for one in sendable]
        return late + self.attempts.run(sendable, credentials, remaining)


def _now() -> datetime:
    return datetime.now(UTC)


def _jitter(least: timedelta, most: timedelta) -> timedelta:
    return least + (most - least) * random.random()


gc.freeze()
gc.enable()
