"""A stand-in for all tests, and its keys."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox.stack import stand_in
from sandbox.stack.processes import Process
from tests.conftest import ROOT
from tests.sandbox.client import Sandbox


def generate_keys(directory: Path) -> None:
    command = [sys.executable, "-m", "sandbox.gateway.keys", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True)


@contextlib.contextmanager
def running(keys: Path, log: Path, *options: str) -> Iterator[tuple[Sandbox, Process]]:
    process = stand_in.start(keys, log, *options)
    try:
        url = stand_in.wait_until_ready(process, log).url
        assert re.fullmatch(r"https?://127\.0\.0\.1:\d+", url)
        with httpx.Client(verify=False, timeout=10, limits=httpx.Limits(max_connections=400)) as c:
            yield Sandbox(url, keys, c), process
    finally:
        process.stop()


@pytest.fixture(scope="session")
def keys_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("keys") / "made"
    generate_keys(directory)
    return directory


@pytest.fixture(scope="session")
def gateway(keys_directory: Path) -> Iterator[Sandbox]:
    with running(keys_directory, keys_directory / "log") as (sandbox, _):
        yield sandbox


@pytest.fixture
def normal_again(gateway: Sandbox) -> Iterator[None]:
    yield
    gateway.mode("normal")
