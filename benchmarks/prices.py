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
    confirmed: bool


PRICES: Final = {
    "gb_second": Price(
        0.0000133334, "Lambda GB-second, arm64", "aws.amazon.com/lambda/pricing", True
    ),
    "invocation": Price(0.20e-6, "Lambda request", "aws.amazon.com/lambda/pricing", True),
    "sqs": Price(0.40e-6, "SQS request, standard queue", "aws.amazon.com/sqs/pricing", False),
    "event": Price(1.00e-6, "EventBridge custom event", "aws.amazon.com/eventbridge/pricing", True),
    "transition": Price(
        0.025e-3,
        "Step Functions transition, Standard",
        "aws.amazon.com/step-functions/pricing",
        False,
    ),
    "log_gb": Price(
        0.50, "CloudWatch Logs, GB ingested", "aws.amazon.com/cloudwatch/pricing", False
    ),
    "trace": Price(5.00e-6, "X-Ray trace recorded", "aws.amazon.com/xray/pricing", False),
}
"""By short name, as `benchmarks.cost` calls them."""
