"""The version that the queue invokes, and its settings as the function itself would read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cancel_payment.settings import Settings, SettingsError

from doctor.aws import Aws
from doctor.failures import ReadError, Refused
from doctor.finding import Finding
from doctor.stack import Stack

SUBJECT = "settings"
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
        variables = _variables(aws, stack)
    except ReadError:
        variables = {}
    return variables.get(variable) or stack.parameters.get(parameter, "")


def check(aws: Aws, stack: Stack) -> Iterator[Finding]:
    """Whether the function accepts them; that they are the template's is compared elsewhere."""
    try:
        Settings.from_environment(_variables(aws, stack))
    except SettingsError as error:
        yield Finding.wrong(
            SUBJECT, f"{error}: every invocation fails", "correct the parameter, and deploy"
        )
    else:
        yield Finding.ok(SUBJECT, "the function can use them")


def _variables(aws: Aws, stack: Stack) -> Mapping[str, str]:
    variables: Mapping[str, str] = live(aws, stack).get("Environment", {}).get("Variables", {})
    return variables
