"""The function as the handler tests run it: AWS doubled over HTTP, the stand-in as the gateway."""

from __future__ import annotations

from tests.handler.conftest import _double, aws, function, output

__all__ = ["_double", "aws", "function", "output"]
