"""What a fuzz target reports: a promise of the code that an input breaks."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class Finding(AssertionError):
    """A broken promise; the text names it the same way for every input that breaks it."""


def expect(kept: object, promise: str) -> None:
    """Report `promise` as broken unless it is kept."""
    if not kept:
        raise Finding(promise)


def sendable(value: str) -> bool:
    """Whether a text can stand in the UTF-8 JSON of SQS, Step Functions and EventBridge.

    Encoded without escapes: an escaped lone surrogate is ASCII on the way out of Python, and no
    text where it arrives.
    """
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def strict_json(data: str | bytes) -> Any:
    """JSON as RFC 8259 has it: UTF-8, and no NaN or Infinity, which Python's reader lets pass.

    Raises
    ------
    ValueError
        It is not JSON.
    """
    text = data if isinstance(data, str) else data.decode("utf-8")
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
