"""Generated circumstances of a batch: little time, a slow secret, odd addresses.

The gateway itself is healthy. The judge knows that nothing is sent to it for a tracked payment
whose window has closed, nor after the handler's return, that the handler returns within its time,
and that no record is lost; and that a host of which one address works is reached.
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import time_machine

from tests.integration.generators.gateway import LATE, Violation
from tests.support.aws import AwsDouble
from tests.support.function import Function, environment
from tests.support.gateway import Gateway, Request, Step, swallowing
from tests.support.records import message, record, tracked
from tests.support.signer import Signer, success

CREATED = datetime.fromisoformat("2026-11-22T12:00:00+08:00")
CUTOFF = datetime.fromisoformat("2026-11-23T00:15:00+08:00")
TIMEOUT = 4
NAME = "localhost"


def run(seed: int, batches: range, aws: AwsDouble, signer: Signer) -> str:
    """Run these batches, each in a fresh environment; raises Violation."""
    for number in batches:
        rng = random.Random(f"{seed}/{number}")
        kind = rng.choice([_time, _addresses])
        aws.calls.clear()
        aws.delays.clear()
        try:
            found = list(kind(rng, aws, signer))
        except Exception as error:
            raise Violation(f"batch {number}: {kind.__name__} ended with {error!r}") from error
        if found:
            raise Violation("\n".join([f"batch {number}: {kind.__name__}", *found]))
    aws.delays.clear()
    return f"{len(batches)} batches"


def _time(rng: random.Random, aws: AwsDouble, signer: Signer) -> Iterator[str]:
    """Half of the payments are tracked, and their cutoff is near; perhaps Lambda's timeout too."""
    sent: dict[str, float] = {}

    def answer(request: Request) -> list[Step]:
        sent[request.payment] = time.time()
        return [rng.choice([0, 0, 0.2]), signer.answer(success(request.payment))]

    to_cutoff, secret = rng.uniform(-1, 4), rng.choice([0, rng.uniform(0, 3)])
    # Now and then too little for the timeout of a call, whatever the effects need beside it.
    allowed = rng.choice([30, 30, rng.uniform(0.5, TIMEOUT + 2)])
    aws.delay("GetSecretValue", secret)
    situation = f"cutoff in {to_cutoff:.1f} s, secret after {secret:.1f} s, {allowed:.1f} s allowed"
    untracked = [f"U-{number}" for number in range(5)]
    followed = [f"T-{number}" for number in range(5)]
    began = CUTOFF - timedelta(seconds=to_cutoff)
    with (
        Gateway(answer) as gateway,
        environment(aws, gateway.url, GATEWAY_TIMEOUT_SECONDS=str(TIMEOUT)) as function,
        time_machine.travel(began),
    ):
        first = began - timedelta(minutes=5)
        bodies = {one: message(one, paymentCreateTime=CREATED.isoformat()) for one in untracked}
        for one in followed:
            body = message(one, paymentCreateTime=CREATED.isoformat())
            bodies[one] = tracked(body, one, first_attempt_at=first)
        records = {one: record(body) for one, body in bodies.items()}
        back = function(*records.values(), seconds=allowed)
        kept = {one for one in records if records[one]["messageId"] in back}
        time.sleep(0.05)
        asked = {request.payment: request.at for request in gateway.requests}
    yield from (f"{situation}: {found}" for found in _judge_time(function, asked, allowed, secret))
    for one in followed:
        if sent.get(one, 0) > CUTOFF.timestamp() + LATE:
            late = sent[one] - CUTOFF.timestamp()
            yield f"{situation}: {one} was sent {late:.2f} s after its window had closed"
    outcomes = {detail["paymentRequestId"] for _, detail in aws.outcomes}
    told = {token for token, _ in aws.task_outputs}
    started = {given["payment"]["paymentRequestId"] for given in aws.started.values()}
    for one in records:
        if not {one} & (kept | outcomes | told | started):
            yield f"{situation}: {one} is lost"


def _judge_time(
    function: Function, asked: dict[str, float], allowed: float, secret: float
) -> Iterator[str]:
    if function.seconds > max(allowed, secret) + 1:
        yield f"the handler took {function.seconds:.1f} s"
    # What is sent must be answerable before Lambda ends the invocation.
    began = function.returned_at - function.seconds
    for one, at in asked.items():
        if at > began + max(0, allowed - TIMEOUT) + LATE:
            yield f"{one} was sent {at - began:.2f} s after the start"
        if at > function.returned_at + LATE:
            yield f"{one} was sent after the handler had returned"


def _addresses(rng: random.Random, aws: AwsDouble, signer: Signer) -> Iterator[str]:
    """The host has several addresses; one works, and others refuse or swallow what is sent."""
    payments = [f"P-{number}" for number in range(10)]
    good = f"127.0.0.{rng.randrange(10, 20)}"
    with ExitStack() as stack:
        answer = lambda request: [signer.answer(success(request.payment))]  # noqa: E731
        gateway = stack.enter_context(Gateway(answer, host=good))
        others = [f"127.0.0.{number}" for number in range(20, 20 + rng.randrange(1, 4))]
        silent = [one for one in others if rng.random() < 0.5]
        for one in silent:
            stack.enter_context(swallowing(one, gateway.port))
        addresses = rng.sample([good, *others], len(others) + 1)
        stack.enter_context(_host_has(addresses))
        url = f"http://{NAME}:{gateway.port}"
        function = stack.enter_context(environment(aws, url, GATEWAY_TIMEOUT_SECONDS=str(TIMEOUT)))
        kept = function(*[record(message(one)) for one in payments])
        asked = sorted(gateway.asked)
    situation = f"{addresses}, {good} works, {silent} swallow"
    outcomes = sorted(detail["pspId"] for _, detail in aws.outcomes)
    if kept or outcomes != payments or asked != payments:
        yield f"{situation}: kept {len(kept)}, outcomes {outcomes}, asked {asked}"
    if function.seconds > TIMEOUT + 1:
        yield f"{situation}: {function.seconds:.1f} s"


@contextmanager
def _host_has(addresses: list[str]) -> Iterator[None]:
    look_up: Callable[..., list[Any]] = socket.getaddrinfo

    def answer(host: Any, *arguments: Any, **options: Any) -> list[Any]:
        if host not in (NAME, NAME.encode()):
            return look_up(host, *arguments, **options)
        return [found for one in addresses for found in look_up(one, *arguments, **options)]

    with mock.patch.object(socket, "getaddrinfo", answer):
        yield
