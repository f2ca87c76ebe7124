"""What the ACQP does next, by ``resultCode``: the cancelPayment reference's table, as data.

Source: docs.alipayplus.com/alipayplus/alipayplus/api_acq/cancel_payment, "Result codes". The
reference contradicts itself about ``ACCESS_DENIED`` and ``KEY_NOT_FOUND`` (its processing table
calls them U, its code table F), so ``resultStatus`` decides first and the code only says what next.
"""

from __future__ import annotations

from typing import Final

CANCEL_WINDOW_EXCEED: Final = "CANCEL_WINDOW_EXCEED"
REQUEST_TRAFFIC_EXCEED_LIMIT: Final = "REQUEST_TRAFFIC_EXCEED_LIMIT"

CONFIGURATION_CODES: Final = frozenset({"INVALID_SIGNATURE", "KEY_NOT_FOUND", "INVALID_CLIENT"})
"""Codes that the gateway may be unable to sign, since it could not identify the client. From an
unproven answer they are kept as a diagnosis of our own configuration; they prove nothing."""

KEY_CODES: Final = frozenset({"INVALID_SIGNATURE", "KEY_NOT_FOUND"})
"""Codes after which the secret is read afresh: it may have been rotated."""

AFTER_CANCELLED: Final = "The merchant can start a new payment."

_CONTACT_SUPPORT: Final = (
    "Do not retry. Contact connect_support@service.alipay.com with the payment's ids and this code."
)

_AFTER_FAILURE: Final = {
    CANCEL_WINDOW_EXCEED: (
        "Inquire the payment's result; if the payment succeeded, call the refund API with a "
        "refundRequestId of its own, within one calendar year."
    ),
    "PROCESS_FAIL": _CONTACT_SUPPORT,
    "ACCESS_DENIED": _CONTACT_SUPPORT,
    "INVALID_CLIENT": _CONTACT_SUPPORT,
    "KEY_NOT_FOUND": _CONTACT_SUPPORT,
    "INVALID_SIGNATURE": (
        "Check the key pair in the credentials secret, the signed message and the signature "
        "algorithm, then redrive the payment."
    ),
    "MEDIA_TYPE_NOT_ACCEPTABLE": (
        "Send a media type that Alipay+ accepts, then redrive the payment."
    ),
    "METHOD_NOT_SUPPORTED": "Send the call as POST, then redrive the payment.",
    "NO_INTERFACE_DEF": "Check the gateway URL, then redrive the payment.",
    "PARAM_ILLEGAL": "Check the header and body parameters, then redrive the payment.",
    # Not in the reference's table; Antom's sister call answers it as F
    # (docs.antom.com/ac/ams_zh-cn/paymentc).
    "ORDER_NOT_EXIST": (
        "Alipay+ knows no such payment: nothing was charged. Check the payment's ids, and why the "
        "publisher sent an event for a payment that never reached Alipay+."
    ),
}


def further_action(result_code: str) -> str:
    """What to do after ``F`` with `result_code`; a code outside the table is for support."""
    return _AFTER_FAILURE.get(result_code, _CONTACT_SUPPORT)
