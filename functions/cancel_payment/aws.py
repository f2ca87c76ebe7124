"""The AWS clients of an execution environment, each made when it is first used.

A client costs about 35 ms of start-up, and an invocation whose payments are all cancelled needs
neither SQS nor Step Functions.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cancel_payment.clock import Deadline

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

# The effects share what is left of the function's 30 s: a call that hangs must not take it all.
_CONFIG: Final = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=50,
)
# The signature is part of an attempt, and the next attempt is its repeat.
_SIGNING_CONFIG: Final = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 1},
    max_pool_connections=100,
)


class TooLateError(BotoCoreError):
    """The time for this call is over; nothing was sent."""

    fmt = "the time for this call is over"


class UnconfirmedError(BotoCoreError):
    """An answer that does not say what the service always says once it has done its work."""

    fmt = "the answer does not confirm the call"


def confirmed(name: object) -> None:
    """See that an answer names what was made.

    What is no answer of the service, such as a page of a proxy with status 200, reads as an empty
    one; taken for done, it would lose a payment.
    """
    if not isinstance(name, str) or not name:
        raise UnconfirmedError


_calls = threading.local()


@contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """No request to AWS leaves this thread once `deadline` has passed, repeats included."""
    before, _calls.deadline = getattr(_calls, "deadline", None), deadline
    try:
        yield
    finally:
        _calls.deadline = before


def _refuse_when_late(**_: Any) -> None:
    deadline: Deadline | None = getattr(_calls, "deadline", None)
    if deadline is not None and deadline.left() <= 0:
        raise TooLateError


class Clients:
    """The services, each by one client that all threads share."""

    def __init__(self) -> None:
        # Using a client is safe from many threads, making one is not.
        self._lock = threading.Lock()
        self._made: dict[str, Any] = {}

    @property
    def sqs(self) -> SQSClient:
        return self._client("sqs")  # type: ignore[no-any-return]

    @property
    def stepfunctions(self) -> SFNClient:
        return self._client("stepfunctions")  # type: ignore[no-any-return]

    @property
    def events(self) -> EventBridgeClient:
        return self._client("events")  # type: ignore[no-any-return]

    @property
    def secretsmanager(self) -> SecretsManagerClient:
        return self._client("secretsmanager")  # type: ignore[no-any-return]

    @property
    def kms(self) -> Any:
        return self._client("kms", _SIGNING_CONFIG)

    def _client(self, service: str, config: Config = _CONFIG) -> Any:
        with self._lock:
            if service not in self._made:
                client = boto3.client(service, config=config)  # type: ignore[call-overload]
                client.meta.events.register("before-send", _refuse_when_late)
                self._made[service] = client
            return self._made[service]


def error_code(error: Exception) -> str:
    """The service's error code, or the kind of error where no service answered."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "ClientError")
    return type(error).__name__
