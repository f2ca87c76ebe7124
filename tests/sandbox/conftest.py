"""A stand-in for all tests, and its keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.client import Sandbox, generate_keys, running


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
