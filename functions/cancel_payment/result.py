"""An answer's bytes become a result. Pure, and never raises for what a gateway may send."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cancel_payment.json_object import read_object
from cancel_payment.model import Evidence, Result, ResultStatus
from cancel_payment.result_codes import CONFIGURATION_CODES, KEY_CODES

# Field lengths of the cancelPayment reference. A longer text is cut, not refused: the signature
# proves the answer, and the status alone decides.
_MAX_CODE = 64
_MAX_MESSAGE = 256
_MAX_PARTY = 64


def read_signed(body: bytes) -> Result:
    """The result of an answer whose signature has been verified.

    A required field that is missing or of the wrong type proves nothing; a ``resultStatus``
    other than S, F and U is unknown.
    """
    answer = read_object(body) or {}
    fields = _result_fields(answer)
    if fields is None:
        return unproven("result.resultStatus or result.resultCode is missing or not a string")
    status, code = fields
    known: dict[str, ResultStatus] = {"S": "S", "F": "F", "U": "U"}
    return Result(
        status=known.get(status, "U"),
        evidence=Evidence.SIGNED,
        code=_clean(code, _MAX_CODE),
        message=_optional(answer["result"], "resultMessage", _MAX_MESSAGE),
        psp_id=_optional(answer, "pspId", _MAX_PARTY),
        acquirer_id=_optional(answer, "acquirerId", _MAX_PARTY),
        reason="" if status in known else "resultStatus is none of S, F, U",
        distrusts_keys=code in KEY_CODES,
    )


def read_unproven(body: bytes, reason: str) -> Result:
    """What an answer without proof may still tell: a fault of our own configuration.

    The gateway cannot sign for a client that it could not identify, so such a code is kept as a
    diagnosis. It decides nothing.
    """
    fields = _result_fields(read_object(body) or {})
    code = fields[1] if fields and fields[1] in CONFIGURATION_CODES else None
    return unproven(reason, code)


def unproven(reason: str, code: str | None = None) -> Result:
    """An answer came, and it proves nothing."""
    return Result(
        "U", Evidence.UNPROVEN, code=code, reason=reason, distrusts_keys=code in KEY_CODES
    )


def distrusting(result: Result) -> Result:
    """The same result, and the keys in use may not be the right ones."""
    return replace(result, distrusts_keys=True)


def no_answer(reason: str) -> Result:
    """A call was tried, and no whole answer came in time."""
    return Result("U", Evidence.NO_ANSWER, reason=reason)


def not_sent(reason: str) -> Result:
    """No call was tried."""
    return Result("U", Evidence.NOT_SENT, reason=reason)


def _result_fields(answer: dict[str, Any]) -> tuple[str, str] | None:
    result = answer.get("result")
    if not isinstance(result, dict):
        return None
    status, code = result.get("resultStatus"), result.get("resultCode")
    if isinstance(status, str) and isinstance(code, str) and status and code:
        return status, code
    return None


def _optional(fields: dict[str, Any], name: str, length: int) -> str | None:
    value = fields.get(name)
    return _clean(value, length) if isinstance(value, str) and value else None


def _clean(text: str, length: int) -> str:
    # A lone surrogate can stand in JSON but not in the UTF-8 of an event.
    return text[:length].encode("utf-8", "replace").decode("utf-8")
