"""The evaluator of the definition's expressions, as the state machine's tests have it."""

from tests.statemachine.conftest import reference  # noqa: F401
