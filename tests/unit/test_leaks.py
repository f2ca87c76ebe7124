"""The search for secrets finds them in every form in which they are printed, and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import KeyPair, bare
from tests.support.leaks import Material, scan

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


def test_public_key_and_talk_of_a_key_are_no_leak(material: Material, ours: KeyPair) -> None:
    talk = json.dumps({"reason": "privateKey is missing or not a string"})
    cut = "algorithm=RSA256,keyVersion=1,signature=q8Zk3…"
    for harmless in (ours.spki, bare(ours.spki), talk, cut):
        assert material.leaks(harmless.encode()) == []


def test_leak_is_found_in_the_files_of_a_run_by_the_keys_of_its_directory(
    tmp_path: Path, secret: dict[str, Any]
) -> None:
    (tmp_path / "secret.json").write_text(json.dumps(secret))
    material = Material.in_directories([tmp_path])
    clean, leaky = tmp_path / "clean.log", tmp_path / "leaky.log"
    clean.write_text("cancel attempted")
    leaky.write_text("x" * 50 + bare(secret["privateKey"])[900:1000])
    ((path, leak),) = scan([clean, leaky], material)
    assert (path, leak.what) == (leaky, "privateKey of secret.json")
    assert material.leaks(str(leak).encode()) == []
