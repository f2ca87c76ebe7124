"""What the stand-in demands of a cancelPayment request before it looks at the payment.

The order is the one in which a gateway can know things: path and method, media type, client,
key, signature, and only then what the signed bytes say. Sources:
docs.alipayplus.com/alipayplus/alipayplus/api_acq (header fields, cancelPayment, result codes).
"""

import json
from datetime import timedelta
from email.message import Message
from typing import Any

from sandbox.gateway import clock, signatures
from sandbox.gateway.connection import Received

PATH = "/aps/api/v1/payments/cancelPayment"
IDS = ("paymentRequestId", "paymentId")
LONGEST_ID = 64
# How far Request-Time may be from the stand-in's clock. No source gives the real figure.
CLOCK_SKEW = timedelta(minutes=10)

# No source gives the HTTP statuses of refusals; these are the ones that HTTP itself suggests.
HTTP_STATUS = {
    "NO_INTERFACE_DEF": 404,
    "METHOD_NOT_SUPPORTED": 405,
    "MEDIA_TYPE_NOT_ACCEPTABLE": 415,
    "INVALID_CLIENT": 401,
    "KEY_NOT_FOUND": 401,
    "INVALID_SIGNATURE": 401,
    "PARAM_ILLEGAL": 400,
}
# A gateway that does not know who asks cannot sign for them.
UNSIGNED = frozenset({"INVALID_CLIENT", "KEY_NOT_FOUND", "INVALID_SIGNATURE"})


class Refusal(Exception):
    """The request breaks a rule of the protocol: a result code and the rule, for a person."""

    def __init__(self, code: str, rule: str) -> None:
        super().__init__(rule)
        self.code = code
        self.rule = rule


def is_from_client(request: Received, keys: signatures.Keys) -> bool:
    """Say whether the request names the stand-in's client, proven or not."""
    return request.values("client-id") == [keys.client_id]


def check(request: Received, keys: signatures.Keys) -> dict[str, str]:
    """Hold a request against every rule of the protocol.

    Returns
    -------
    dict
        The ids that the request names, one or both.

    Raises
    ------
    Refusal
        The first rule that the request breaks.
    """
    if request.path != PATH or request.query:
        raise Refusal("NO_INTERFACE_DEF", f"the path is not {PATH}")
    if request.method != "POST":
        raise Refusal("METHOD_NOT_SUPPORTED", "the method is not POST")
    _check_media_type(request.values("content-type"))
    if not is_from_client(request, keys):
        raise Refusal("INVALID_CLIENT", "Client-Id is missing or unknown")
    time = _check_signature(request, keys)
    try:
        distance = abs(clock.read(time) - clock.now())
    except (ValueError, OverflowError):
        raise Refusal("PARAM_ILLEGAL", "Request-Time is not ISO 8601 with offset") from None
    if distance > CLOCK_SKEW:
        raise Refusal("PARAM_ILLEGAL", f"Request-Time is {distance} from the gateway's clock")
    return _read_ids(request.body)


def _check_media_type(values: list[str]) -> None:
    # The header is optional; where it stands, it says what the body is.
    if not values:
        return
    message = Message()
    message["content-type"] = values[0]
    charset = str(message.get_param("charset", "")).lower()
    if len(values) > 1 or message.get_content_type() != "application/json" or charset != "utf-8":
        raise Refusal(
            "MEDIA_TYPE_NOT_ACCEPTABLE", "Content-Type is not application/json; charset=UTF-8"
        )


def _check_signature(request: Received, keys: signatures.Keys) -> str:
    headers, times = request.values("signature"), request.values("request-time")
    if len(headers) != 1:
        raise Refusal("INVALID_SIGNATURE", "there is not exactly one Signature header")
    if len(times) != 1:
        raise Refusal("PARAM_ILLEGAL", "there is not exactly one Request-Time header")
    try:
        version, signature = signatures.read_signature_header(headers[0])
    except ValueError as fault:
        raise Refusal("INVALID_SIGNATURE", str(fault)) from None
    if version not in keys.client_public_keys:
        raise Refusal("KEY_NOT_FOUND", "no public key of that keyVersion")
    content = signatures.signed_content(
        request.method, request.path, keys.client_id, times[0], request.body
    )
    if not signatures.verifies(keys.client_public_keys[version], signature, content):
        raise Refusal("INVALID_SIGNATURE", "the signature does not verify over the bytes received")
    return times[0]


def _read_ids(body: bytes) -> dict[str, str]:
    try:
        fields = json.loads(body.decode(), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        raise Refusal("PARAM_ILLEGAL", "the body is not JSON in UTF-8 without repeats") from None
    if not isinstance(fields, dict):
        raise Refusal("PARAM_ILLEGAL", "the body is not a JSON object")
    for name, value in fields.items():
        if not isinstance(value, str) or not value:
            raise Refusal(
                "PARAM_ILLEGAL", f"{name[:LONGEST_ID]} is not a string that says something"
            )
    ids = {name: fields[name] for name in IDS if name in fields}
    if not ids:
        raise Refusal("PARAM_ILLEGAL", "neither paymentRequestId nor paymentId is given")
    for name, value in ids.items():
        if len(value) > LONGEST_ID:
            raise Refusal("PARAM_ILLEGAL", f"{name} is longer than {LONGEST_ID} characters")
    return ids


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(fields := dict(pairs)) != len(pairs):
        raise ValueError("a name is given twice")
    return fields
