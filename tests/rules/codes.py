"""The table of result codes, by hand from protocol.md, "Result codes".

Read across: what a *proven* answer with this code and that status means. Status first, code second
("Branch on resultStatus first"): the reference itself lists ACCESS_DENIED and KEY_NOT_FOUND under
both F and U. A status other than S, F and U is unknown. The last column is what an F must tell the
reader to do.
"""

from __future__ import annotations

from enum import Enum


class Meaning(Enum):
    """What an answer says of the cancellation."""

    CANCELLED = "Payment Cancelled"
    REFUND = "Payment Refund Required"
    FAILED = "Payment Cancellation Failed"
    UNKNOWN = "unknown"
    THROTTLED = "unknown, and asked to slow down"


CANCELLED, REFUND, FAILED = Meaning.CANCELLED, Meaning.REFUND, Meaning.FAILED
UNKNOWN, THROTTLED = Meaning.UNKNOWN, Meaning.THROTTLED

STATUSES = ("S", "F", "U", "ODD")
SUPPORT = "connect_support@service.alipay.com"

# fmt: off
CODES: dict[str, tuple[Meaning, Meaning, Meaning, Meaning, str]] = {
    # resultCode                    S          F       U          odd        an F says
    "SUCCESS":                     (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   SUPPORT),
    # the one F that is not a failure: "Call the refund API."
    "CANCEL_WINDOW_EXCEED":        (CANCELLED, REFUND, UNKNOWN,   UNKNOWN,   "refund"),
    # "A general business failure. Do not retry."
    "PROCESS_FAIL":                (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   SUPPORT),
    # marked F in the code table and U in the processing table: both occur
    "ACCESS_DENIED":               (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   SUPPORT),
    "KEY_NOT_FOUND":               (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   SUPPORT),
    "INVALID_CLIENT":              (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   SUPPORT),
    "INVALID_SIGNATURE":           (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   "signature"),
    "MEDIA_TYPE_NOT_ACCEPTABLE":   (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   "media type"),
    "METHOD_NOT_SUPPORTED":        (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   "POST"),
    "NO_INTERFACE_DEF":            (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   "URL"),
    "PARAM_ILLEGAL":               (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   "parameters"),
    # "Reduce the frequency of API calls."
    "REQUEST_TRAFFIC_EXCEED_LIMIT": (CANCELLED, FAILED, THROTTLED, THROTTLED, SUPPORT),
    # "Call the API again."
    "UNKNOWN_EXCEPTION":           (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   SUPPORT),
    # "Codes not in this table occur: an unlisted code with F is a failed cancellation"
    "ORDER_IS_CLOSED":             (CANCELLED, FAILED, UNKNOWN,   UNKNOWN,   SUPPORT),
}
# fmt: on

# "their code is then kept as a diagnosis of *our* configuration": from an answer without proof,
# the tracker is told these codes and no others.
DIAGNOSES = {"INVALID_SIGNATURE", "KEY_NOT_FOUND", "INVALID_CLIENT"}


def meaning(status: str, code: str) -> Meaning:
    """The cell of the table."""
    return CODES[code][STATUSES.index(status)]  # type: ignore[return-value]
