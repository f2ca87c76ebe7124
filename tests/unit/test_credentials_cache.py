"""How long keys are used: five minutes at most, read afresh when an answer distrusts them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from cancel_payment.credentials import CredentialsError
from cancel_payment.credentials_cache import CredentialsCache

from tests.unit.cases import FIRST


class Vault:
    """A secret store and a clock that a test moves by hand."""

    def __init__(self, secret: dict[str, Any]) -> None:
        self.secret = secret
        self.now = FIRST
        self.reads = 0
        self.down = False
        self.cache = CredentialsCache(self._read, self._clock)

    def put(self, **fields: object) -> None:
        self.secret = self.secret | fields

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    def version(self) -> str:
        return self.cache.current().key_version

    def _read(self) -> str:
        self.reads += 1
        if self.down:
            raise CredentialsError("no answer")
        return json.dumps(self.secret)

    def _clock(self) -> datetime:
        return self.now


@pytest.fixture
def vault(secret: dict[str, Any]) -> Vault:
    return Vault(secret)


def test_keys_are_read_once_in_five_minutes(vault: Vault) -> None:
    vault.version()
    vault.wait(minutes=4, seconds=59)
    assert (vault.version(), vault.reads) == ("1", 1)


def test_keys_are_never_used_longer_than_five_minutes(vault: Vault) -> None:
    vault.version()
    vault.put(keyVersion="2")
    vault.wait(minutes=5, microseconds=1)
    assert (vault.version(), vault.reads) == ("2", 2)


def test_distrust_makes_the_next_attempt_read_the_secret_afresh(vault: Vault) -> None:
    vault.version()
    vault.put(keyVersion="2")
    vault.cache.distrust()
    assert vault.version() == "2"


def test_one_distrust_causes_one_read(vault: Vault) -> None:
    vault.version()
    vault.cache.distrust()
    vault.version()
    vault.wait(minutes=2)
    vault.version()
    assert vault.reads == 2


def test_at_most_one_read_a_minute_is_forced(vault: Vault) -> None:
    vault.version()
    for _ in range(59):
        vault.cache.distrust()
        vault.version()
        vault.wait(seconds=1)
    assert vault.reads == 2


def test_distrust_within_the_minute_is_remembered_for_its_end(vault: Vault) -> None:
    vault.version()
    for _ in range(2):
        vault.cache.distrust()
        vault.version()
    vault.wait(minutes=1)
    vault.version()
    assert vault.reads == 3


def test_forced_read_that_fails_keeps_the_old_keys(vault: Vault) -> None:
    vault.version()
    vault.down = True
    vault.cache.distrust()
    assert vault.version() == "1"


def test_forced_read_of_a_broken_secret_keeps_the_old_keys(vault: Vault) -> None:
    vault.version()
    vault.put(keyVersion="2", privateKey="broken")
    vault.cache.distrust()
    assert vault.version() == "1"


def test_failed_forced_read_does_not_lengthen_the_life_of_the_old_keys(vault: Vault) -> None:
    vault.version()
    vault.wait(minutes=4)
    vault.down = True
    vault.cache.distrust()
    vault.version()
    vault.wait(minutes=1, seconds=1)
    with pytest.raises(CredentialsError):
        vault.version()


def test_secret_that_cannot_be_read_is_tried_again_at_the_next_attempt(vault: Vault) -> None:
    vault.down = True
    with pytest.raises(CredentialsError):
        vault.version()
    vault.down = False
    assert vault.version() == "1"


def test_fresh_keys_live_five_minutes_from_the_forced_read(vault: Vault) -> None:
    vault.version()
    vault.wait(minutes=4)
    vault.cache.distrust()
    vault.version()
    vault.wait(minutes=4, seconds=59)
    vault.version()
    assert vault.reads == 2


def test_two_caches_share_nothing(vault: Vault, secret: dict[str, Any]) -> None:
    other = Vault(secret | {"keyVersion": "9"})
    assert (vault.version(), other.version()) == ("1", "9")
