"""The fields of a message on the queue, each with its own refusal. Pure.

The contract is ``events/payment-timeout.schema.json``; fields that it does not name are ignored.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cancel_payment.json_object import read_object
from cancel_payment.window import parse_moment

MAX_ID_LENGTH: Final = 64

_MAX_TASK_TOKEN_LENGTH: Final = 2048
_MAX_ATTEMPTS: Final = 1_000_000


class UnreadableError(ValueError):
    """This message can never work; the text says why without echoing hostile content."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """What the tracker adds to a request that it puts back on the queue."""

    task_token: str = field(repr=False)
    attempts: int
    first_attempt_at: datetime


def json_object(body: str) -> dict[str, Any]:
    """The fields of a message's body."""
    fields = read_object(body)
    if fields is None:
        raise UnreadableError("the body is not a JSON object")
    return fields


def identifier(fields: Mapping[str, Any], name: str) -> str | None:
    """An id of 1 to 64 characters; ``""`` and null count as absent."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise UnreadableError(f"{name} is not a string")
    if len(value) > MAX_ID_LENGTH:
        raise UnreadableError(f"{name} has more than {MAX_ID_LENGTH} characters")
    if any(_unfit(character) for character in value):
        raise UnreadableError(f"{name} holds a control character")
    return value


def moment(fields: Mapping[str, Any], name: str, label: str | None = None) -> datetime:
    """An ISO 8601 date and time with an offset or ``Z``; required."""
    value = fields.get(name)
    label = label or name
    if value is None or value == "":
        raise UnreadableError(f"{label} is missing")
    if not isinstance(value, str):
        raise UnreadableError(f"{label} is not a string")
    try:
        return parse_moment(value)
    except ValueError:
        raise UnreadableError(
            f"{label} is not an ISO 8601 date and time with an offset or Z"
        ) from None


def tracking(fields: Mapping[str, Any]) -> Tracking | None:
    """What the tracker added, if the message comes from the tracker."""
    value = fields.get("tracking")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise UnreadableError("tracking is not a JSON object")
    token, attempts = value.get("taskToken"), value.get("attempts")
    if (
        not isinstance(token, str)
        or not 1 <= len(token) <= _MAX_TASK_TOKEN_LENGTH
        or any(_unfit(character) for character in token)
    ):
        raise UnreadableError("tracking.taskToken is missing or not a token")
    # bool is an int to Python, not to JSON.
    if not isinstance(attempts, int) or isinstance(attempts, bool):
        raise UnreadableError("tracking.attempts is not a whole number")
    if not 0 <= attempts <= _MAX_ATTEMPTS:
        raise UnreadableError("tracking.attempts is out of range")
    return Tracking(token, attempts, moment(value, "firstAttemptAt", "tracking.firstAttemptAt"))


def _unfit(character: str) -> bool:
    # Lone surrogates (Cs) cannot be sent as UTF-8; U+FFFE and U+FFFF cannot stand in an SQS
    # message, so the tracker could never put the request back on the queue.
    return unicodedata.category(character) in {"Cc", "Cs"} or character in "\ufffe\uffff"
