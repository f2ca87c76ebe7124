"""A stand-in for all tests, and its keys."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.sandbox.client import Sandbox

ROOT = Path(__file__).resolve().parents[2]


def generate_keys(directory: Path) -> None:
    command = [sys.executable, "-m", "sandbox.gateway.keys", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True)


@contextlib.contextmanager
def running(directory: Path, *options: str) -> Iterator[tuple[Sandbox, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "sandbox.gateway"]
    command += ["--config", str(directory / "gateway.json"), "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stderr
    try:
        line = process.stdout.readline()
        assert re.fullmatch(r"listening on https?://127\.0\.0\.1:\d+\n", line)
        url = line.split()[-1]
        with httpx.Client(verify=False, timeout=10, limits=httpx.Limits(max_connections=400)) as c:
            yield Sandbox(url, directory, c), process
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
        process.stderr.close()


@pytest.fixture(scope="session")
def keys_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("keys") / "made"
    generate_keys(directory)
    return directory


@pytest.fixture(scope="session")
def gateway(keys_directory: Path) -> Iterator[Sandbox]:
    with running(keys_directory) as (sandbox, _):
        yield sandbox


@pytest.fixture
def normal_again(gateway: Sandbox) -> Iterator[None]:
    yield
    gateway.mode("normal")
