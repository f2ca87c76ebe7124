"""Tell cancel-payment that a payment has expired without a result.

python publish_payment_expired.py '{"paymentRequestId": "…", "paymentCreateTime": "…"}' [BUS]
"""

import json
import sys
from collections.abc import Mapping

import boto3


def publish(payment: Mapping[str, str], bus: str = "default") -> None:
    """Put one `Payment Expired` on the bus; `events/payment-timeout.schema.json` has the fields."""
    answer = boto3.client("events").put_events(
        Entries=[
            {
                "EventBusName": bus,
                "Source": "acquirer.payments",
                "DetailType": "Payment Expired",
                "Detail": json.dumps(payment),
            }
        ]
    )
    # A bus that refuses raises nothing: whoever does not look here loses the payment.
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"not published: {answer['Entries']}")


if __name__ == "__main__":
    publish(json.loads(sys.argv[1]), *sys.argv[2:])
