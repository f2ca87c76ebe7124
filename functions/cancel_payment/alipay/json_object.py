"""JSON text becomes an object, or nothing. Pure, and strict where Python's decoder is not."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

_BYTE_ORDER_MARK: Final = "\ufeff"
# Longer whole numbers are of no field that is read here, and Python refuses 5,000 digits.
_MAX_DIGITS: Final = 20


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
        value = decode(text.removeprefix(_BYTE_ORDER_MARK))
    # RecursionError: a text of many thousand brackets.
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


_decode = json.JSONDecoder(parse_constant=_refuse, parse_int=_whole_number).decode
_decode_leniently = json.JSONDecoder(
    parse_constant=_refuse, parse_int=_whole_number, strict=False
).decode
