"""Numbers and names that the checks compare a deployment with.

They say what the template's comments give reasons for; a stack made from the template has no
finding by them (the tests deploy it).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

RUNTIME: Final = "python3.13"
HANDLER: Final = "cancel_payment.app.lambda_handler"
ALIAS: Final = "live"

# Ten is also what one PutEvents and one ChangeMessageVisibilityBatch hold.
BATCH_SIZE: Final = 10

# What AWS asks of a source queue: docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
VISIBILITY_PER_TIMEOUT: Final = 6
# The fast phase uses up to about 13 receives of a healthy payment.
FAST_PHASE_RECEIVES: Final = 13
# At 180 s each, five hours in which a broken function can be fixed.
RECEIVES: Final = 100
# The longest that SQS keeps anything.
RETENTION: Final = timedelta(days=14)
# Less than its dead-letter queue's: a moved message keeps its first time stamp.
REFUND_RETENTION: Final = timedelta(days=13)

INCOMING: Final = ("Payment Expired", "Payment Closed")
REFUND: Final = ("Payment Refund Required",)
CASES: Final = ("Payment Cancellation Failed", "Payment Cancellation Unresolved")
OUTCOME_SOURCE: Final = "alipayplus.cancelPayment"

# Alipay+'s hosts for production, by its documentation. A client's sandbox host stands in its
# developer centre only.
PRODUCTION_HOSTS: Final = frozenset(
    f"open-{region}.alipayplus.com" for region in ("na", "na-global", "sea", "sea-global")
)
SANDBOX_CLIENT: Final = "SANDBOX_"
# Alipay+ documents RSA-2048 for both sides.
KEY_BITS: Final = 2048

# No source gives Alipay+'s tolerance. A synchronised clock is within a second; what is off by half
# a minute is not synchronised, whatever Alipay+ would accept.
TOLERANCE: Final = timedelta(seconds=30)
