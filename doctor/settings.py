"""The version that the queue invokes, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from doctor.aws import Aws
from doctor.failures import ReadError, Refused
from doctor.stack import Stack

ALIAS = "live"


def live(aws: Aws, stack: Stack) -> Mapping[str, Any]:
    """The configuration behind the alias, which the queue invokes; not that of $LATEST.

    Raises
    ------
    ReadError
        `Refused` too where its environment cannot be decrypted.
    """
    name = stack.resource("CancelPaymentFunction")
    configuration: Mapping[str, Any] = aws.read(
        "lambda", "get_function_configuration", FunctionName=name, Qualifier=ALIAS
    )
    if configuration.get("Environment", {}).get("Error"):
        raise Refused("kms:Decrypt with the key of the function's environment")
    return configuration


def in_use(aws: Aws, stack: Stack, variable: str, parameter: str) -> str:
    """A setting of the version in use; of the stack where the function cannot be read."""
    try:
        variables = live(aws, stack).get("Environment", {}).get("Variables", {})
    except ReadError:
        variables = {}
    return variables.get(variable) or stack.parameters.get(parameter, "")
