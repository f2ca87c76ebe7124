"""The fuzz targets by name, and where their inputs lie."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol, cast

HERE: Final = Path(__file__).resolve().parent
NAMES: Final = ("record", "signature_header", "answer", "secret")


class Target(Protocol):
    """What each target's module offers."""

    NAME: str
    TOKENS: tuple[str, ...]  # worth inserting, for the fuzzer's dictionary

    @staticmethod
    def check(data: bytes) -> None:
        """Run the code under test once; raise `Finding` where it breaks a promise."""

    @staticmethod
    def seeds() -> Iterator[bytes]:
        """Inputs to start from that no file holds."""


def load(name: str) -> Target:
    """Import a target, and with it the code under test: the fuzzer instruments what is imported."""
    return cast(Target, importlib.import_module(f"tests.fuzz.{name}"))


def corpus(name: str) -> list[Path]:
    """The hand-written inputs of a target."""
    return sorted((HERE / "corpus" / name).iterdir())


def regressions(name: str) -> list[Path]:
    """Inputs that once were findings."""
    directory = HERE / "regressions" / name
    return sorted(directory.iterdir()) if directory.is_dir() else []
