"""What a gateway can do with one attempt: what it says, who signs it, how it reaches the client.

Only the forms; which payment meets which behaviour stands in `sandbox.gateway.scenarios`.
"""

import json
from dataclasses import dataclass
from enum import Enum, auto

# The result codes of cancelPayment and the status with which the code table lists each. Source:
# docs.alipayplus.com/alipayplus/alipayplus/api_acq (cancelPayment, result codes). That table
# lacks ORDER_NOT_EXIST, with which siblings of the interface answer a cancel, as F.
RESULT_CODES = {
    "SUCCESS": "S",
    "CANCEL_WINDOW_EXCEED": "F",
    "PROCESS_FAIL": "F",
    "ACCESS_DENIED": "F",
    "INVALID_CLIENT": "F",
    "KEY_NOT_FOUND": "F",
    "INVALID_SIGNATURE": "F",
    "MEDIA_TYPE_NOT_ACCEPTABLE": "F",
    "METHOD_NOT_SUPPORTED": "F",
    "NO_INTERFACE_DEF": "F",
    "ORDER_NOT_EXIST": "F",
    "PARAM_ILLEGAL": "F",
    "REQUEST_TRAFFIC_EXCEED_LIMIT": "U",
    "UNKNOWN_EXCEPTION": "U",
}


class Signer(Enum):
    """Whose signature an answer carries; the value is what the log calls such an answer."""

    ALIPAY = "signed"
    NOBODY = "unsigned"
    ANOTHER_KEY = "forged"
    CHANGED_AFTERWARDS = "wrongly signed"
    FOR_ANOTHER_CLIENT = "other client"


class Delivery(Enum):
    """How the bytes of an answer reach the client, or do not."""

    WHOLE = auto()
    HELD = auto()
    DROPPED = auto()
    RESET = auto()
    TRUNCATED = auto()
    ENDLESS = auto()
    DRIPPED = auto()
    DRIPPED_FROM_THE_HEAD = auto()


SILENT = frozenset({Delivery.HELD, Delivery.DROPPED, Delivery.RESET})


def result(status: object, code: str, message: str | None = None, **fields: str) -> bytes:
    """Write the body of an answer."""
    inner = {"resultStatus": status, "resultCode": code}
    inner["resultMessage"] = (message or code.lower().replace("_", " "))[:256]
    return json.dumps({"result": inner} | fields, separators=(",", ":")).encode()


PARTIES = {"pspId": "1022172000000000001", "acquirerId": "1022188000000000001"}
SUCCESS = result("S", "SUCCESS", **PARTIES)
UNRESOLVED = "Unresolved at the cutoff; with n: Cancelled"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the gateway does with one attempt.

    `page` is an answer of some box in between: HTML, no header of Alipay+. `counts` is false for
    answers that are truly signed but that no careful client takes for one.
    """

    does: str
    body: bytes = SUCCESS
    http_status: int = 200
    ends: str = UNRESOLVED
    signer: Signer = Signer.ALIPAY
    delivery: Delivery = Delivery.WHOLE
    delay: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()
    page: bool = False
    counts: bool = True

    @property
    def cancels(self) -> bool:
        """Whether the payment is cancelled by this: a forged or cut success cancels nothing."""
        own_word = self.counts and self.signer is Signer.ALIPAY
        return own_word and self.delivery is Delivery.WHOLE and self.body == SUCCESS
