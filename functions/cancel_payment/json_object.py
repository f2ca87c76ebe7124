"""JSON text becomes an object, or nothing. Pure, and strict where Python's decoder is not."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def read_object(text: str | bytes) -> dict[str, Any] | None:
    """The fields of a JSON object; ``None`` for whatever is none.

    Bytes are UTF-8. ``NaN`` and ``Infinity``, which Python takes, are no JSON.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = _decode(text)
    # RecursionError: a text of many thousand brackets.
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_decode = json.JSONDecoder(parse_constant=_refuse).decode
