"""What several unit tests share."""

from __future__ import annotations

from tests.unit.reader import credentials, read, signer

__all__ = ["credentials", "read", "signer"]
