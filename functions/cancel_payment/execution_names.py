"""What the trackers of a payment are called. Pure.

The names follow from the payment, so that a person finds its trackers and a second event finds the
running one: the payment's id, then ``…-2``, ``…-3``; never a random one.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from cancel_payment.alipay.payment import Payment

MAX_TRACKERS: Final = 20
"""Of one payment, ended ones included. Step Functions remembers a name for 90 days."""

_SAFE_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def execution_names(payment: Payment) -> list[str]:
    """The names of the first tracker of `payment` and of those that may follow, in order.

    An id that holds other characters than Step Functions allows is hashed (SHA-256, hexadecimal).
    """
    _, name = payment.primary_id
    if not _SAFE_NAME.fullmatch(name):
        name = hashlib.sha256(name.encode()).hexdigest()
    return [name, *(f"{name}-{number}" for number in range(2, MAX_TRACKERS + 1))]
