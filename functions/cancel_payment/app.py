"""The handler: a batch of records in, the batch item failures out. It only wires the line:
record -> request -> signed call -> result -> decision -> effect, each a module of its own.
"""

from __future__ import annotations

import gc

# What is imported stays: the collector would go through it again and again, for a tenth of the
# start-up, and find nothing. It is frozen below, once all is imported.
gc.disable()

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cancel_payment import record
from cancel_payment.alipay.credentials import CredentialsError
from cancel_payment.alipay.gateway import Gateway
from cancel_payment.alipay.result import not_sent, not_signed
from cancel_payment.attempts import MAX_WORKERS, WINDOW_CLOSED, AttemptPool
from cancel_payment.aws import Clients
from cancel_payment.clock import Clock, Deadline, Jitter, SystemClock, uniform
from cancel_payment.credentials_cache import CredentialsCache
from cancel_payment.decision import SlowRetry, decide, may_send
from cancel_payment.effects.dead_letters import DeadLetters
from cancel_payment.effects.effects import Effects
from cancel_payment.effects.follow_up import FollowUp
from cancel_payment.effects.outcomes import Outcomes
from cancel_payment.effects.tracker import Tracker
from cancel_payment.effects.visibility import Visibility
from cancel_payment.kms_signer import KmsSigner
from cancel_payment.model import Attempt, CancelRequest, ComeBack, Decided, RejectedRecord, Requeue
from cancel_payment.observability import logger
from cancel_payment.report import report
from cancel_payment.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

_CLOCK = SystemClock()


def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Attempt the cancellation of every payment of an SQS batch.

    Parameters
    ----------
    event
        ``{"Records": [...]}`` as SQS event sources send it.
    context
        The invocation's context; its remaining time bounds attempts and effects.

    Returns
    -------
    dict
        ``{"batchItemFailures": [{"itemIdentifier": messageId}, ...]}``: the messages that wait for
        their next attempt, and those whose effects failed.

    Raises
    ------
    SettingsError
        The environment is not usable; every message of the batch comes back.
    """
    deadline = Deadline(_CLOCK, context.get_remaining_time_in_millis() / 1000)
    logger.append_keys(functionRequestId=context.aws_request_id)
    kept = cancellation().of_batch(event["Records"], deadline)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in kept]}


@cache
def cancellation() -> Cancellation:
    """What an execution environment keeps between invocations; made by the first of them."""
    settings = Settings.from_environment(os.environ)
    for sentence in settings.corrected:
        logger.error("a setting is not used as it was given", extra={"reason": sentence})
    clients = Clients()
    signer = KmsSigner(clients.kms, settings.signing_key_arn) if settings.signing_key_arn else None
    return assemble(
        settings,
        clients,
        Gateway(settings.gateway_url, _CLOCK),
        _CLOCK,
        uniform,
        ThreadPoolExecutor(MAX_WORKERS, thread_name_prefix="attempt"),
        CredentialsCache(clients, settings.credentials_secret_arn, _CLOCK, signer),
    )


def assemble(
    settings: Settings,
    clients: Clients,
    gateway: Gateway,
    clock: Clock,
    jitter: Jitter,
    pool: Executor,
    credentials: CredentialsCache,
) -> Cancellation:
    """The line, with the clock, the randomness and all I/O passed in."""
    dead_letters = DeadLetters(clients, settings.payment_timeouts_dlq_url)
    return Cancellation(
        attempts=AttemptPool(gateway, settings.gateway_timeout, clock, pool),
        credentials=credentials,
        effects=Effects(
            Outcomes(clients, settings.outcome_bus_name),
            dead_letters,
            FollowUp(Tracker(clients, settings.tracker_state_machine_arn), dead_letters),
            Visibility(clients, settings.payment_timeouts_queue_url, clock),
            clock,
            jitter,
            pool,
        ),
        slow_retry=SlowRetry(settings.slow_retry_initial, settings.slow_retry_max),
        clock=clock,
        jitter=jitter,
    )


@dataclass(frozen=True, slots=True)
class Cancellation:
    """One way from records to effects. Whatever one record raises fails that record alone."""

    attempts: AttemptPool
    credentials: CredentialsCache
    effects: Effects
    slow_retry: SlowRetry
    clock: Clock
    jitter: Jitter

    def of_batch(self, records: list[Mapping[str, Any]], deadline: Deadline) -> list[str]:
        """Attempt a batch; the ids of the messages that SQS must keep, in the batch's order."""
        unexpected: set[str] = set()
        read = _each(records, record.read, lambda one: one["messageId"], unexpected)
        rejected = [one for one in read if isinstance(one, RejectedRecord)]
        requests = [one for one in read if isinstance(one, CancelRequest)]

        attempts = self._attempt(requests, deadline)
        if any(one.result.distrusts_keys for one in attempts):
            self.credentials.distrust()

        decided = _each(attempts, self._decide, lambda one: one.request.message_id, unexpected)
        failed = self.effects.carry_out(decided, rejected, deadline) | unexpected
        report(decided, rejected, failed)
        kept = failed | {
            one.request.message_id
            for one in decided
            if isinstance(one.decision, Requeue | ComeBack)
        }
        return [one["messageId"] for one in records if one["messageId"] in kept]

    def _attempt(self, requests: list[CancelRequest], deadline: Deadline) -> list[Attempt]:
        now = self.clock.now()
        sendable = [one for one in requests if may_send(one, now)]
        late = [
            Attempt(one, not_sent(WINDOW_CLOSED), now) for one in requests if not may_send(one, now)
        ]
        if not sendable:
            return late
        try:
            credentials = self.credentials.current()
        except Exception as error:
            # No other error's text is known to hold no secret.
            reason = str(error) if isinstance(error, CredentialsError) else type(error).__name__
            logger.error("no call can be signed", extra={"reason": reason})
            unsigned = not_signed("no call can be signed: see the credentials secret")
            now = self.clock.now()
            return late + [Attempt(one, unsigned, now) for one in sendable]
        return late + self.attempts.run(sendable, credentials, deadline)

    def _decide(self, attempt: Attempt) -> Decided:
        request, result, ended_at = attempt.request, attempt.result, attempt.ended_at
        return Decided(attempt, decide(request, result, ended_at, self.slow_retry, self.jitter))


def _each[One, Made](
    ones: Iterable[One],
    step: Callable[[One], Made],
    message_id: Callable[[One], str],
    failed: set[str],
) -> list[Made]:
    """Do `step` with each; one that raises joins `failed` and hinders no other."""
    made: list[Made] = []
    for one in ones:
        try:
            made.append(step(one))
        except Exception as error:
            failed.add(message_id(one))
            logger.error(
                "unexpected error, the message comes back",
                extra={"messageId": message_id(one), "reason": type(error).__name__},
            )
    return made


gc.freeze()
gc.enable()
