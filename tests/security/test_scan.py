"""The search for secrets finds them in every form in which they are printed, and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from sandbox import keys
from tests.conftest import KeyPair, bare
from tests.security.scan import main
from tests.support.leaks import Material

TOKEN = "ALIPAY4BAKEDAGENTTOKEN0042"

type Print = Callable[[KeyPair], str]

PRINTED: dict[str, Print] = {
    "a PEM": lambda ours: ours.pkcs8,
    "a PEM within JSON": lambda ours: json.dumps({"message": json.dumps({"k": ours.pkcs8})}),
    "a PEM within a repr": lambda ours: repr({"k": ours.pkcs8}),
    "the older PEM": lambda ours: ours.pkcs1,
    "bare base64": lambda ours: bare(ours.pkcs8),
    "the middle of it": lambda ours: bare(ours.pkcs8)[700:740],
    "percent-encoded": lambda ours: quote(bare(ours.pkcs8)[200:], safe=""),
    "a secret number": lambda ours: f"d={ours.private.private_numbers().d}",
    "a secret number in hexadecimal": lambda ours: hex(ours.private.private_numbers().p),
    "a token": lambda _: f"Agent-Token: {TOKEN}",
    "a signature": lambda _: "signature=" + quote(base64.b64encode(bytes(range(256))).decode()),
}


@pytest.fixture(scope="session")
def material(ours: KeyPair) -> Material:
    forms = [("privateKey", ours.pkcs8), ("privateKey", ours.pkcs1), ("agentToken", TOKEN)]
    return Material.of(forms)


@pytest.mark.parametrize("form", PRINTED)
def test_secret_in_a_log_is_found(material: Material, ours: KeyPair, form: str) -> None:
    assert material.leaks(f"level=INFO {PRINTED[form](ours)} end".encode())


@pytest.mark.parametrize(
    "harmless",
    [
        lambda ours: ours.spki,
        lambda ours: bare(ours.spki),
        lambda _: "algorithm=RSA256,keyVersion=1,signature=q8Zk3…",
        lambda _: json.dumps({"reason": "privateKey is missing or not a string"}),
    ],
)
def test_public_key_and_talk_of_a_key_are_no_leak(
    material: Material, ours: KeyPair, harmless: Print
) -> None:
    assert material.leaks(harmless(ours).encode()) == []


def test_command_tells_of_a_leak_and_never_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys.generate(tmp_path / "keys")
    secret: dict[str, Any] = json.loads((tmp_path / "keys" / "secret.json").read_text())
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "clean.log").write_text("cancel attempted\n")
    command = ["--keys", str(tmp_path / "keys"), str(tmp_path)]
    assert main(command) == 0

    (logs / "leaky.log").write_text("x" * 50 + bare(secret["privateKey"])[900:1000])

    assert main(command) == 1
    said = capsys.readouterr().out
    assert "leaky.log" in said and "privateKey of secret.json" in said
    assert Material.in_directories([tmp_path / "keys"]).leaks(said.encode()) == []


def test_command_without_the_keys_that_it_was_told_of_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["--keys", str(tmp_path / "empty"), str(tmp_path)]) == 2
    assert main([str(tmp_path / "missing")]) == 2
