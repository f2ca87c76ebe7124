"""The definition and the evaluator of its expressions, as the state machine's tests have them."""

from tests.statemachine.conftest import reference, states  # noqa: F401
