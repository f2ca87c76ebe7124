"""The function against servers over HTTP: AWS doubled, Alipay+ raw, its keys made at run time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from cancel_payment.alipay.credentials import Credentials, parse_secret
from cancel_payment.alipay.gateway import Gateway as Caller
from cancel_payment.alipay.payment import Payment
from cancel_payment.alipay.result import Result
from cancel_payment.clock import Deadline, SystemClock

from tests.conftest import KeyPair
from tests.support import aws_server
from tests.support.aws import AwsDouble
from tests.support.function import PLACE, Function, environment
from tests.support.gateway import Gateway
from tests.support.records import Record, ago, record
from tests.support.signer import Signer, by_payment, success

type Environment = Callable[..., AbstractContextManager[Function]]


@pytest.fixture(scope="session")
def _double() -> Iterator[AwsDouble]:
    double = AwsDouble()
    server = aws_server.start(double)
    yield double
    server.shutdown()
    server.server_close()


@pytest.fixture
def aws(_double: AwsDouble, secret: dict[str, Any]) -> AwsDouble:
    """The AWS side, with this session's keys in the secret."""
    _double.reset(secret)
    return _double


@pytest.fixture(scope="session")
def signer(theirs: KeyPair, secret: dict[str, Any]) -> Signer:
    return Signer(theirs.private, secret["clientId"])


@pytest.fixture
def gateway(signer: Signer) -> Iterator[Gateway]:
    """Cancels every payment, until a test gives it another `answer`."""
    with Gateway(lambda request: [signer.answer(success(request.payment))]) as gateway:
        yield gateway


@pytest.fixture
def fresh(aws: AwsDouble) -> Environment:
    """Make an execution environment: `with fresh(gateway.url, SETTING="…") as function`."""
    return partial(environment, aws)


@pytest.fixture
def function(fresh: Environment, gateway: Gateway) -> Iterator[Function]:
    """The function in a fresh execution environment, before the gateway."""
    with fresh(gateway.url) as function:
        yield function


@pytest.fixture
def ours_in_kms(aws: AwsDouble, ours: KeyPair, secret: dict[str, Any]) -> dict[str, str]:
    """The setting that has KMS sign with our key; the secret then holds no private one."""
    aws.kms_key = ours.private
    aws.secret = json.dumps({name: secret[name] for name in secret if name != "privateKey"})
    key = "11111111-2222-4333-8444-555555555555"
    return {"ALIPAY_SIGNING_KEY_ARN": f"arn:aws:kms:{PLACE}:key/{key}"}


@dataclass
class Lab:
    """One execution environment of the function, and the servers on both sides of it."""

    function: Function
    gateway: Gateway
    aws: AwsDouble
    signer: Signer

    def answers(self, **bodies: bytes) -> None:
        """Signed answers by payment; S for those that are left out."""
        self.gateway.answer = by_payment(self.signer, bodies)

    def logged(self, **fields: str) -> list[dict[str, Any]]:
        """The log lines that have all these fields."""
        return [line for line in self.function.logs if fields.items() <= line.items()]


@pytest.fixture
def lab(function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer) -> Lab:
    return Lab(function, gateway, aws, signer)


def ids(*records: Record) -> list[str]:
    return [one["messageId"] for one in records]


def late(fields: dict[str, Any]) -> Record:
    """A record past its first minute."""
    return record(fields, 12, ago(seconds=61))


CREATED = "2026-11-22T12:00:00+08:00"
SUCCESS = success("P1")


@dataclass
class Calls:
    """Makes calls on this thread; the credentials can be changed between two of them."""

    credentials: Credentials
    callers: dict[str, Caller] = field(default_factory=dict)

    def __call__(
        self,
        url: str,
        payment: Payment = Payment("P1", None, CREATED),  # noqa: B008
        seconds: float = 8,
        permit: Callable[[str], str | None] = lambda _: None,
    ) -> Result:
        clock = SystemClock()
        caller = self.callers.setdefault(url, Caller(url, clock))
        return caller.cancel(payment, self.credentials, Deadline(clock, seconds), permit)


@pytest.fixture
def call(secret: dict[str, Any]) -> Iterator[Calls]:
    calls = Calls(parse_secret(json.dumps(secret)))
    yield calls
    for caller in calls.callers.values():
        caller._connection().client.close()


@pytest.fixture
def ok(signer: Signer) -> bytes:
    return signer.answer(SUCCESS)
