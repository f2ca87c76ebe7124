"""Whatever the gateway does, the invocation ends in time, in 256 MB, and asks nobody else.

One execution environment meets all the traps, one after the other, as it would in an attack.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.abuse.hostile import REDIRECTS, SUCCESS, TRAPS, redirect
from tests.conftest import ROOT, KeyPair
from tests.handler import aws_double
from tests.handler.aws_double import AwsDouble
from tests.handler.conftest import BUS, DLQ, MACHINE, QUEUE, SECRET_ARN
from tests.handler.records import message, record
from tests.wire.peer import Peer, Signer, Step

TIMEOUT_SECONDS = 0.5
# The traps last for a minute or for ever. What the attempts leave to the effects is the bound.
IN_TIME_SECONDS = TIMEOUT_SECONDS + 8.0
MEGABYTES = 256

BATCH = 10


@dataclass(frozen=True)
class Invoked:
    """What an invocation has come to."""

    kept: int
    seconds: float
    megabytes: float


type Invoke = Callable[[], Invoked]


class Gateway:
    """A gateway that does what the test at hand has it do."""

    def __init__(self) -> None:
        self.steps: Callable[[], Iterable[Step]] = list

    def answer(self, _: object) -> Iterable[Step]:
        return self.steps()


@contextmanager
def environment(double: AwsDouble, gateway_url: str, **more: str) -> Iterator[Invoke]:
    """Start an execution environment; each call of what this gives is an invocation."""
    settings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT / "functions"), str(ROOT)]),
        "AWS_ENDPOINT_URL": double.url,
        "AWS_ACCESS_KEY_ID": "dummy",
        "AWS_SECRET_ACCESS_KEY": "dummy",
        "AWS_DEFAULT_REGION": "ap-southeast-1",
        "ALIPAY_GATEWAY_URL": gateway_url,
        "ALIPAY_CREDENTIALS_SECRET_ARN": SECRET_ARN,
        "PAYMENT_TIMEOUTS_QUEUE_URL": QUEUE,
        "PAYMENT_TIMEOUTS_DLQ_URL": DLQ,
        "TRACKER_STATE_MACHINE_ARN": MACHINE,
        "OUTCOME_BUS_NAME": BUS,
        "GATEWAY_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.abuse.environment"],
        env=settings | more,
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None and process.stderr is not None

        def invoke() -> Invoked:
            batch = [record(message(f"P{number}")) for number in range(BATCH)]
            print(json.dumps({"Records": batch}), file=process.stdin, flush=True)
            line = process.stderr.readline()  # type: ignore[union-attr]
            assert line.startswith("{"), line + process.stderr.read()  # type: ignore[union-attr]
            return Invoked(**json.loads(line))

        yield invoke
        process.stdin.close()


@pytest.fixture(scope="module")
def signer(theirs: KeyPair, secret: dict[str, Any]) -> Signer:
    return Signer(theirs.private, secret["clientId"])


@pytest.fixture(scope="module")
def double(secret: dict[str, Any]) -> Iterator[AwsDouble]:
    double = AwsDouble()
    server = aws_double.start(double)
    double.reset(secret)
    yield double
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture(scope="module")
def peer(gateway: Gateway) -> Iterator[Peer]:
    with Peer(gateway.answer) as peer:
        yield peer


@pytest.fixture(scope="module")
def invoke(double: AwsDouble, peer: Peer) -> Iterator[Invoke]:
    with environment(double, peer.url) as invoke:
        yield invoke


def _is_survived(invoked: Invoked, double: AwsDouble) -> None:
    """All payments wait for their next attempt, and nothing was believed."""
    print(f"{invoked.seconds:.1f} s, {invoked.megabytes:.0f} MB")
    assert double.outcomes == []
    assert invoked.kept == BATCH
    assert invoked.seconds < IN_TIME_SECONDS
    assert invoked.megabytes < MEGABYTES


@pytest.mark.parametrize("trap", TRAPS)
def test_trap_costs_neither_time_nor_memory_and_proves_nothing(
    gateway: Gateway, peer: Peer, invoke: Invoke, double: AwsDouble, signer: Signer, trap: str
) -> None:
    earlier = len(peer.requests)
    TRAPS[trap](signer)  # what takes long to make is made before the clock runs
    gateway.steps = lambda: TRAPS[trap](signer)
    _is_survived(invoke(), double)
    assert len(peer.requests) - earlier <= BATCH


@pytest.mark.parametrize("status", REDIRECTS)
def test_redirect_to_another_host_is_never_followed(
    gateway: Gateway, peer: Peer, invoke: Invoke, double: AwsDouble, status: int
) -> None:
    earlier = len(peer.requests)
    with Peer(lambda _: []) as elsewhere:
        gateway.steps = lambda: redirect(status, elsewhere.url.replace("127.0.0.1", "localhost"))
        _is_survived(invoke(), double)
    assert len(peer.requests) - earlier == BATCH
    assert elsewhere.connections == 0


def test_tls_of_another_host_gets_no_request_though_its_authority_is_trusted(
    double: AwsDouble, signer: Signer, tmp_path: Path
) -> None:
    certificate, key = tmp_path / "other.pem", tmp_path / "other.key"
    form = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=other"]
    name = ["-addext", "subjectAltName=DNS:other.example.com"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", *form, *name, *files], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    honest = signer.answer(SUCCESS)
    with (
        Peer(lambda _: honest, tls=tls) as other,
        environment(double, other.url, SSL_CERT_FILE=str(certificate)) as invoke,
    ):
        _is_survived(invoke(), double)
    assert other.connections == BATCH
    assert other.requests == []


def test_honest_gateway_is_believed_by_the_same_environment_afterwards(
    gateway: Gateway, invoke: Invoke, double: AwsDouble, signer: Signer
) -> None:
    gateway.steps = lambda: signer.answer(SUCCESS)
    assert invoke().kept == 0
    assert [detail["outcome"] for _, detail in double.outcomes] == ["CANCELLED"] * BATCH
