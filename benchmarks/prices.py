"""List prices in one table: US dollars, us-east-1, first tier, before any free tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

AS_OF: Final = "November 2026"


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs. `confirmed`: read in more than one published source besides AWS's own
    page, whose tables are filled in by a script and could not be read."""

    dollars: float
    unit: str
    source: str
    confirmed: bool = False


_EVENTS = "aws.amazon.com/eventbridge/pricing"
_LAMBDA = "aws.amazon.com/lambda/pricing"

PRICES: Final = {
    "gb_second": Price(0.0000133334, "Lambda GB-second, arm64", _LAMBDA, True),
    "invocation": Price(0.20e-6, "Lambda request", _LAMBDA, True),
    "sqs": Price(0.40e-6, "SQS request, standard queue", "aws.amazon.com/sqs/pricing"),
    "event": Price(1.00e-6, "EventBridge custom event, each 64 KB begun", _EVENTS, True),
    "archived_gb": Price(0.10, "EventBridge archive, GB taken in", _EVENTS, True),
    "kept_gb": Price(0.023, "EventBridge archive, GB-month kept", _EVENTS, True),
    "transition": Price(
        0.025e-3, "Step Functions transition, Standard", "aws.amazon.com/step-functions/pricing"
    ),
    "log_gb": Price(0.50, "CloudWatch Logs, GB ingested", "aws.amazon.com/cloudwatch/pricing"),
    "trace": Price(5.00e-6, "X-Ray trace recorded", "aws.amazon.com/xray/pricing"),
    "signature": Price(
        0.03 / 10_000, "KMS request, RSA key of 2,048 bits", "aws.amazon.com/kms/pricing", True
    ),
}
"""By short name, as `benchmarks.cost` calls them."""
