"""What the tests share: keys made at run time, the stand-in for Alipay+, ids of their own.

Nothing here signs, verifies or times with the code under test.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener
from uuid import uuid4

import hypothesis
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.keys import KeyPair, bare, made, secret_of

__all__ = ["KeyPair", "StandIn", "bare"]

# Shared cores: how long an example takes says nothing about the code.
hypothesis.settings.register_profile(
    "steady",
    deadline=None,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
# Under mutation: most mutants are found by the first examples.
hypothesis.settings.register_profile(
    "few", hypothesis.settings.get_profile("steady"), max_examples=10
)
hypothesis.settings.load_profile("steady")

ROOT = Path(__file__).parent.parent
_OPENER = build_opener(ProxyHandler({}))  # loopback is never reached through a proxy


@dataclass(frozen=True)
class StandIn:
    """A running stand-in, and the client's half of its keys."""

    url: str
    secret: dict[str, Any]

    def requests(self, payment_request_id: str) -> list[dict[str, Any]]:
        """What the stand-in has logged of one payment."""
        query = urlencode({"paymentRequestId": payment_request_id})
        with _OPENER.open(f"{self.url}/_sandbox/requests?{query}", timeout=10) as answer:
            return json.load(answer)["requests"]  # type: ignore[no-any-return]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes goes first, or in the end one worker waits for it alone."""
    items.sort(key=lambda item: item.get_closest_marker("stack") is None)


@pytest.fixture(scope="session")
def ours() -> KeyPair:
    return made("ours")


@pytest.fixture(scope="session")
def theirs() -> KeyPair:
    """Alipay+'s key pair."""
    return made("theirs")


@pytest.fixture(scope="session")
def weak() -> KeyPair:
    return made("weak", 1024)


@pytest.fixture(scope="session")
def elliptic() -> KeyPair:
    return KeyPair(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(scope="session")
def secret(ours: KeyPair, theirs: KeyPair) -> dict[str, Any]:
    """A secret with all its fields; copy before changing it."""
    return secret_of(ours, theirs)


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    directory = tmp_path_factory.mktemp("stand-in")
    python = [sys.executable, "-m"]
    subprocess.run([*python, "sandbox.gateway.keys", str(directory)], check=True, cwd=ROOT)
    config = ["--config", str(directory / "gateway.json"), "--port", "0"]
    with subprocess.Popen(
        [*python, "sandbox.gateway", *config], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on "), "the stand-in did not start"
        yield StandIn(
            line.removeprefix("listening on ").strip(),
            json.loads((directory / "secret.json").read_text()),
        )
        process.terminate()


@pytest.fixture
def unique() -> Callable[[str], str]:
    """An id of the scenario, used by no other test."""
    return lambda scenario: f"{scenario}-{uuid4().hex[:16]}"
