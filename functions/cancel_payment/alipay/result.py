"""What is known after an attempt, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from cancel_payment.alipay.result_codes import KEY_CODES

type ResultStatus = Literal["S", "F", "U"]


class Evidence(StrEnum):
    """What a result rests on. Only ``SIGNED`` proves anything."""

    SIGNED = "signed"
    UNPROVEN = "unproven"
    NO_ANSWER = "no answer"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class Proof:
    """All that is needed to verify an answer again, with Alipay+'s public key alone."""

    client_id: str
    request_time: str
    request: bytes
    response_time: str
    key_version: str
    signature: bytes
    response: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """What is known after an attempt.

    Attributes
    ----------
    status
        ``S`` and ``F`` only with signed evidence.
    code
        The ``resultCode``; of an unproven answer only a code that tells of *our* configuration.
    proof
        Where the evidence is signed.
    reason
        Why nothing is known, for the log; empty where the answer speaks for itself.
    distrusts_keys
        The answer suggests that one of the keys in use is not the right one.
    unsigned
        No signature of ours was to be had, so nothing was sent.
    """

    status: ResultStatus
    evidence: Evidence
    code: str | None = None
    message: str | None = None
    psp_id: str | None = None
    acquirer_id: str | None = None
    proof: Proof | None = None
    reason: str = ""
    distrusts_keys: bool = False
    unsigned: bool = False


def unproven(reason: str, code: str | None = None) -> Result:
    """An answer came, and it proves nothing."""
    return Result(
        "U", Evidence.UNPROVEN, code=code, reason=reason, distrusts_keys=code in KEY_CODES
    )


def no_answer(reason: str) -> Result:
    """A call was tried, and no whole answer came in time."""
    return Result("U", Evidence.NO_ANSWER, reason=reason)


def not_sent(reason: str) -> Result:
    """No call was tried."""
    return Result("U", Evidence.NOT_SENT, reason=reason)


def not_signed(reason: str) -> Result:
    """No call was tried, since it could not be signed."""
    return replace(not_sent(reason), unsigned=True)
