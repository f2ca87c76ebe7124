"""The function under test, as the handler's tests have it."""

from tests.handler.conftest import _double, aws, function, output  # noqa: F401
