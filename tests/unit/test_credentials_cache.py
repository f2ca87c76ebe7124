"""How long keys are used: five minutes at most, read afresh when an answer distrusts them."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from cancel_payment.alipay.credentials import CredentialsError
from cancel_payment.aws import Clients
from cancel_payment.credentials_cache import CredentialsCache

from tests.unit.cases import HandClock, NoSigner


class Vault:
    """Secrets Manager and a clock, both moved by hand."""

    def __init__(self, secret: dict[str, Any]) -> None:
        self.secret = secret
        self.clock = HandClock()
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.cache = CredentialsCache(cast(Clients, self), "the-arn", self.clock, NoSigner())

    @property
    def secretsmanager(self) -> Vault:
        return self

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:
        self.asked.append(SecretId)
        if self.error is not None:
            raise self.error
        return {"SecretString": json.dumps(self.secret)} if self.secret else {"SecretBinary": b""}

    @property
    def reads(self) -> int:
        return len(self.asked)

    def put(self, **fields: object) -> None:
        self.secret = self.secret | fields

    def version(self) -> str:
        return self.cache.current().key_version


@pytest.fixture
def vault(secret: dict[str, Any]) -> Vault:
    return Vault(secret)


def test_keys_are_read_once_in_five_minutes(vault: Vault) -> None:
    vault.version()
    vault.clock.wait(minutes=4, seconds=59)
    vault.put(keyVersion="2")
    assert (vault.version(), vault.asked) == ("1", ["the-arn"])
    vault.clock.wait(seconds=1)
    assert (vault.version(), vault.reads) == ("2", 2)


def test_distrust_makes_the_next_attempt_read_the_secret_afresh_once(vault: Vault) -> None:
    vault.version()
    vault.put(keyVersion="2")
    vault.cache.distrust()
    assert vault.version() == "2"
    vault.clock.wait(minutes=2)
    vault.version()
    assert vault.reads == 2


def test_at_most_one_read_a_minute_is_forced_and_the_next_at_its_end(vault: Vault) -> None:
    vault.version()
    for _ in range(60):
        vault.cache.distrust()
        vault.version()
        vault.clock.wait(seconds=1)
    assert vault.reads == 2
    vault.version()
    assert vault.reads == 3


def test_fresh_keys_live_five_minutes_and_reading_because_of_age_ends_the_distrust(
    vault: Vault,
) -> None:
    vault.version()
    vault.clock.wait(minutes=4)
    vault.cache.distrust()
    vault.version()
    vault.clock.wait(minutes=4, seconds=59)
    vault.version()
    assert vault.reads == 2
    vault.clock.wait(seconds=1)
    vault.cache.distrust()
    vault.version()
    vault.version()
    assert vault.reads == 3


def test_forced_read_that_fails_keeps_the_old_keys_and_does_not_lengthen_their_life(
    vault: Vault,
) -> None:
    vault.version()
    vault.clock.wait(minutes=4)
    vault.put(keyVersion="broken, version")
    vault.cache.distrust()
    assert vault.version() == "1"
    vault.clock.wait(minutes=1)
    with pytest.raises(CredentialsError):
        vault.version()


def test_secret_that_cannot_be_read_says_why_and_is_tried_again_at_the_next_attempt(
    vault: Vault,
) -> None:
    """Keys that are too old are not used meanwhile."""
    vault.version()
    vault.clock.wait(minutes=5)
    refused = ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue")
    for error in (refused, EndpointConnectionError(endpoint_url="https://there")):
        vault.error = error
        code = "AccessDeniedException" if error is refused else "EndpointConnectionError"
        with pytest.raises(CredentialsError, match=f"Secrets Manager says: {code}"):
            vault.version()
    vault.error = None
    assert (vault.version(), vault.reads) == ("1", 4)


def test_binary_secret_is_refused(vault: Vault) -> None:
    vault.secret = {}
    with pytest.raises(CredentialsError, match="it is binary, not text"):
        vault.version()
