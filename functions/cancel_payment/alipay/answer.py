"""What an answer proves: its signature first, its words after. Pure, and never raises for what a
gateway may send.

An answer that is unsigned or whose signature does not verify proves nothing, neither S nor F: a
forged ``CANCEL_WINDOW_EXCEED`` would cause a refund, a forged ``SUCCESS`` a lost cancellation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cancel_payment.alipay import signing
from cancel_payment.alipay.credentials import Credentials
from cancel_payment.alipay.json_object import read_object
from cancel_payment.alipay.result import Evidence, Proof, Result, ResultStatus, unproven
from cancel_payment.alipay.result_codes import CONFIGURATION_CODES, KEY_CODES

# Field lengths of the cancelPayment reference. A longer text is cut, not refused: the signature
# proves the answer, and the status alone decides.
_MAX_CODE: Final = 64
_MAX_MESSAGE: Final = 256
_MAX_PARTY: Final = 64

_REPLACEMENT: Final = "\ufffd"
_SHORT_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the answer that followed it, as they stood on the wire.

    Attributes
    ----------
    status
        The HTTP status, for the log: it decides nothing. A signed F on HTTP 400 is F.
    headers
        Those of the answer's signed content; names are case-insensitive.
    """

    path: str
    request_time: str
    request: bytes
    status: int
    headers: Mapping[str, str]
    response: bytes


def read(exchange: Exchange, credentials: Credentials) -> Result:
    """The result of an answer if it is signed for us by Alipay+, else that it proves nothing."""

    def refuse(reason: str) -> Result:
        return _read_unproven(exchange.response, f"HTTP {exchange.status}: {reason}")

    header = exchange.headers.get("Signature")
    client_id = exchange.headers.get("Client-Id")
    response_time = exchange.headers.get("Response-Time")
    if not header or not client_id or not response_time:
        return refuse("the answer is not signed")
    if client_id != credentials.client_id:
        return refuse("the answer is for another client")
    try:
        read_header = signing.read_signature_header(header)
    except signing.SignatureHeaderError as error:
        return refuse(f"the signature cannot be read: {error}")
    version = read_header.key_version
    if version is None:
        if len(credentials.public_keys) != 1:
            return refuse("the answer names no keyVersion, and the secret holds several")
        version = next(iter(credentials.public_keys))
    public_key = credentials.public_keys.get(version)
    if public_key is None:
        named = version if _SHORT_NAME.fullmatch(version) else "that is no short name"
        return _distrusting(refuse(f"the secret holds no usable key of keyVersion {named}"))
    content = signing.signed_content(exchange.path, client_id, response_time, exchange.response)
    if not signing.verifies(content, read_header.signature, public_key):
        return _distrusting(refuse(f"the signature does not verify with keyVersion {version}"))
    proof = Proof(
        client_id=client_id,
        request_time=exchange.request_time,
        request=exchange.request,
        response_time=response_time,
        key_version=version,
        signature=read_header.signature,
        response=exchange.response,
    )
    return _read_signed(proof)


def _read_signed(proof: Proof) -> Result:
    """A required field that is missing or of the wrong type proves nothing; a ``resultStatus``
    other than S, F and U is unknown."""
    answer, fields = _signed_fields(proof.response)
    if fields is None:
        return unproven("result.resultStatus or result.resultCode is missing or not a plain string")
    status, code = fields
    known: dict[str, ResultStatus] = {"S": "S", "F": "F", "U": "U"}
    return Result(
        status=known.get(status, "U"),
        evidence=Evidence.SIGNED,
        code=code[:_MAX_CODE],
        message=_text(answer["result"], "resultMessage", _MAX_MESSAGE),
        psp_id=_text(answer, "pspId", _MAX_PARTY),
        acquirer_id=_text(answer, "acquirerId", _MAX_PARTY),
        proof=proof,
        reason="" if status in known else "resultStatus is none of S, F, U",
        distrusts_keys=code in KEY_CODES,
    )


def _signed_fields(body: bytes) -> tuple[dict[str, Any], tuple[str, str] | None]:
    # What is proven is not thrown away for its human text: bytes that are no UTF-8 become U+FFFD.
    # In GBK the second byte of a character can be a backslash, which breaks the JSON around it
    # unless it is read as what it is.
    for encoding in ("utf-8", "gb18030"):
        answer = read_object(body.decode(encoding, "replace"), strict=False) or {}
        fields = _result_fields(answer)
        if fields is not None:
            return answer, fields
    return {}, None


def _read_unproven(body: bytes, reason: str) -> Result:
    """What an answer without proof may still tell: a fault of our own configuration.

    The gateway cannot sign for a client that it could not identify, so such a code is kept as a
    diagnosis. It decides nothing.
    """
    fields = _result_fields(read_object(body.decode("utf-8", "replace"), strict=False) or {})
    code = fields[1] if fields and fields[1] in CONFIGURATION_CODES else None
    return unproven(reason, code)


def _distrusting(result: Result) -> Result:
    return replace(result, distrusts_keys=True)


def _result_fields(answer: dict[str, Any]) -> tuple[str, str] | None:
    result = answer.get("result")
    if not isinstance(result, dict):
        return None
    status, code = result.get("resultStatus"), result.get("resultCode")
    if isinstance(status, str) and isinstance(code, str) and _plain(status) and _plain(code):
        return status, code
    return None


def _plain(text: str) -> bool:
    """Not empty, and nothing in it that was unreadable, invisible or half a character."""
    return text.isprintable() and text != "" and _REPLACEMENT not in text


def _text(fields: dict[str, Any], name: str, length: int) -> str | None:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        return None
    # A lone surrogate can stand in JSON but not in the UTF-8 of an event.
    return value[:length].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
