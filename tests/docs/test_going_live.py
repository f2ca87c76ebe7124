"""docs/going-live.md, as far as a machine can go: the keys, the secret, the alerts."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from cancel_payment.credentials import parse_secret
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from sandbox.stack import TEMPLATE, Stack
from tests.conftest import KeyPair, bare
from tests.docs.documents import ROOT, named
from tests.docs.shell import Shell, account

BLOCKS: Final = named("docs/going-live.md")
HOSTS: Final = {
    "open-na.alipayplus.com",
    "open-na-global.alipayplus.com",
    "open-sea.alipayplus.com",
    "open-sea-global.alipayplus.com",
}

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs OpenSSL")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Where the commands are typed, with a fresh key pair in it."""
    typed(tmp_path, BLOCKS["make-keys"])
    return tmp_path


def typed(directory: Path, commands: str, **variables: str) -> str:
    """Run a block in a directory; what it printed."""
    done = subprocess.run(
        ["sh", "-eu", "-c", commands],
        cwd=directory,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@openssl
def test_the_key_pair_is_one_that_alipay_takes_and_nobody_else_reads(desk: Path) -> None:
    public = load_pem_public_key((desk / "public.pem").read_bytes())
    assert isinstance(public, RSAPublicKey) and public.key_size == 2048
    assert (desk / "private.pem").stat().st_mode & 0o077 == 0
    line = typed(desk, BLOCKS["public-key-in-one-line"])
    assert "\n" not in line
    assert load_der_public_key(base64.b64decode(line, validate=True)) == public


@openssl
@pytest.mark.parametrize("framed", [True, False])
def test_the_function_reads_the_secret_and_signs_with_the_key(
    desk: Path, theirs: KeyPair, framed: bool
) -> None:
    (desk / "alipay.txt").write_text((theirs.spki if framed else bare(theirs.spki)) + "\n")
    numbers = {"CLIENT_ID": "SANDBOX_0001", "KEY_VERSION": "1", "ALIPAY_KEY_VERSION": "2"}
    typed(desk, BLOCKS["write-the-secret"], **numbers)
    assert (desk / "secret.json").stat().st_mode & 0o077 == 0

    credentials = parse_secret((desk / "secret.json").read_text())

    assert (credentials.client_id, credentials.key_version) == ("SANDBOX_0001", "1")
    assert credentials.public_keys["2"] == theirs.private.public_key()
    public: Any = load_pem_public_key((desk / "public.pem").read_bytes())
    scheme = padding.PKCS1v15(), hashes.SHA256()
    public.verify(credentials.private_key.sign(b"content", *scheme), b"content", *scheme)


@openssl
def test_the_secret_is_put_and_the_files_are_gone(desk: Path) -> None:
    (desk / "secret.json").write_text('{"clientId": "SANDBOX_0001"}')
    with account(desk / "aws") as cloud:
        arn = Shell(cloud).run(BLOCKS["put-the-secret"], desk).strip()
        kept = cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    assert json.loads(kept) == {"clientId": "SANDBOX_0001"}
    assert [(desk / name).exists() for name in ("private.pem", "secret.json")] == [False, False]


@pytest.mark.stack
@pytest.mark.timeout(200)
def test_who_is_called_is_seen_and_an_alarm_can_be_tried() -> None:
    if not TEMPLATE.exists():
        pytest.fail("nothing is built for this host: run `make build` first")
    name = f"going-live-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with Stack.start(name, parameters={"AlertEmail": "on-call@example.com"}) as stack:
        shell = Shell(stack.cloud, STACK=name)
        assert "on-call@example.com" in shell.run(BLOCKS["subscriptions"])
        shell.run(BLOCKS["try-an-alarm"])
        found = stack.cloud.client("cloudwatch").describe_alarms(StateValue="ALARM")
    [alarm] = found["MetricAlarms"]
    assert alarm["AlarmName"].startswith(f"{name}-DeadLetters")
    assert "runbook" in alarm["AlarmDescription"]


def test_the_hosts_are_those_of_the_regions() -> None:
    text = (ROOT / "docs" / "going-live.md").read_text()
    assert {one.split("`")[0] for one in text.split("`https://")[1:]} == HOSTS
