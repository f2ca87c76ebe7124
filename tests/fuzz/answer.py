"""Answer parsing: bytes that are not a whole, proven answer never become S or F."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cancel_payment.model import Evidence, Result
from cancel_payment.result import read_signed, read_unproven

from tests.fuzz.finding import expect, sendable, strict_json

NAME: Final = "answer"
TOKENS: Final = (
    *('{"result":{', '"resultStatus":', '"resultCode":', '"resultMessage":', '"pspId":'),
    *('"acquirerId":', '"S"', '"F"', '"U"', '"s"', '"SUCCESS"', '"CANCEL_WINDOW_EXCEED"', "}}"),
    *('"INVALID_SIGNATURE"', '"KEY_NOT_FOUND"', '"INVALID_CLIENT"', "null", "[]", "{}", '""'),
    *("NaN", "1e999", "\\ud800", "\\u0000", "\ufeff"),
)

_DIAGNOSES: Final = {"INVALID_SIGNATURE", "KEY_NOT_FOUND", "INVALID_CLIENT", None}


def check(data: bytes) -> None:
    """Read an answer whose body is `data`, once with and once without proof.

    Raises
    ------
    Finding
        A reader broke its promise.
    """
    proven = _proven(data)
    signed = read_signed(data)
    _check_texts(signed)
    expect(signed.status in {"S", "F", "U"}, "a status is S, F or U")
    if signed.status != "U":
        expect(proven is not None, "S and F come only from JSON that has a status and a code")
        expect(proven and signed.status == proven[0], "S and F are what resultStatus says")
    if proven is not None and proven[0] in {"S", "F"}:
        expect(signed.status == proven[0], "a whole signed answer is believed")
        expect(signed.evidence is Evidence.SIGNED and signed.code, "S and F have their code")
    unproven = read_unproven(data, "no signature")
    _check_texts(unproven)
    expect(unproven.status == "U", "an answer without proof is unknown")
    expect(unproven.evidence is Evidence.UNPROVEN, "an answer without proof counts as that")
    expect(unproven.code in _DIAGNOSES, "an answer without proof tells of our configuration alone")
    expect(unproven.reason == "no signature", "an answer without proof says why it has none")


def seeds() -> Iterator[bytes]:
    """Seeds that are too large to keep in a file."""
    yield b'{"result":' * 100_000
    yield b'{"result":{"resultStatus":"S","resultCode":"' + b"A" * 65 + b'"},"n":' + b"9" * 5000
    yield b'{"result":{"resultStatus":"F","resultCode":"' + b"A" * 65 + b'"}}'


def _proven(data: bytes) -> tuple[str, str] | None:
    try:
        answer: Any = strict_json(data)
        status, code = answer["result"]["resultStatus"], answer["result"]["resultCode"]
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return (status, code) if isinstance(status, str) and isinstance(code, str) and code else None


def _check_texts(result: Result) -> None:
    limits = {"code": 64, "message": 256, "psp_id": 64, "acquirer_id": 64}
    for name, limit in limits.items():
        value = getattr(result, name)
        if value is not None:
            expect(isinstance(value, str) and 1 <= len(value) <= limit, f"{name} keeps its length")
            expect(sendable(value), f"{name} can be sent on as UTF-8")
