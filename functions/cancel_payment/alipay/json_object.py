"""JSON text becomes an object, or nothing. Pure, and strict where Python's decoder is not."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

_BYTE_ORDER_MARK: Final = "\ufeff"
# Longer whole numbers are of no field that is read here, and Python refuses 5,000 digits.
_MAX_DIGITS: Final = 20
# Nothing that is read here lies deeper than three levels; Python gives up at some ten thousand.
_MAX_DEPTH: Final = 100
_PARTS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|[^"\[\]{}]+|"', re.DOTALL)


def read_object(text: str, *, strict: bool = True) -> dict[str, Any] | None:
    """The fields of a JSON object; ``None`` for whatever is none.

    Parameters
    ----------
    text
        A byte order mark before it is ignored. ``NaN`` and ``Infinity``, which Python takes, are
        no JSON.
    strict
        Refuse raw control characters in strings, as RFC 8259 (section 7) does.
    """
    decode = _decode if strict else _decode_leniently
    try:
        text = text.removeprefix(_BYTE_ORDER_MARK)
        try:
            value = decode(text)
        except RecursionError:
            value = decode(_shallow(text))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _shallow(text: str) -> str:
    """The same with null for whatever lies deeper than anybody looks."""
    kept: list[str] = []
    depth = 0
    for part in _PARTS.findall(text):
        if part in "[{":
            depth += 1
            if depth == _MAX_DEPTH:
                kept.append("null")
        if depth < _MAX_DEPTH:
            kept.append(part)
        if part in "]}":
            depth -= 1
    return "".join(kept)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


_decode = json.JSONDecoder(parse_constant=_refuse, parse_int=_whole_number).decode
_decode_leniently = json.JSONDecoder(
    parse_constant=_refuse, parse_int=_whole_number, strict=False
).decode
