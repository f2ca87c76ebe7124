"""What AWS publishes: one table, each with its source. Only values; nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

AS_OF: Final = "November 2026"
REGION: Final = "us-east-1"

_STATES = "docs.aws.amazon.com/step-functions/latest/dg/service-quotas"
_POLLER = "docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling"
_EVENTS = "docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota"
_LAMBDA = "docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits"
_SQS = "docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues"
_KMS = "docs.aws.amazon.com/kms/latest/developerguide/requests-per-second"
_SOURCE = "docs.aws.amazon.com/AWSCloudFormation: AWS::Lambda::EventSourceMapping ScalingConfig"


@dataclass(frozen=True, slots=True)
class Limit:
    """A published default.

    Attributes
    ----------
    raised_by
        What lifts it.
    elsewhere
        The figure of the smallest regions, or of older copies of the page.
    """

    name: str
    value: float
    unit: str
    source: str
    raised_by: str
    elsewhere: str = ""


LIMITS: Final = {
    "maximum_concurrency": Limit(
        "`MaximumConcurrency`", 1000, "batches at a time", _SOURCE, "provisioned mode instead"
    ),
    "pollers_per_minute": Limit(
        "SQS event source, growth from 5", 300, "batches more a minute", _POLLER, "provisioned mode"
    ),
    "lambda_concurrency": Limit(
        "Lambda concurrency", 1000, "of the account; new accounts have less", _LAMBDA, "quota"
    ),
    "in_flight": Limit(
        "SQS, in flight", 120_000, "messages received and not deleted", _SQS, "support request"
    ),
    "start_size": Limit("StartExecution, bucket", 1300, "calls", _STATES, "quota", "800"),
    "start_refill": Limit("StartExecution, refill", 300, "a second", _STATES, "quota", "150"),
    "tell_size": Limit("SendTaskSuccess, bucket", 3000, "calls", _STATES, "quota", "1,500"),
    "tell_refill": Limit("SendTaskSuccess, refill", 500, "a second", _STATES, "quota", "300"),
    "transition_size": Limit(
        "StateTransition, bucket", 5000, "transitions", _STATES, "quota", "800"
    ),
    "transition_refill": Limit(
        "StateTransition, refill", 5000, "a second; new accounts less", _STATES, "quota", "800"
    ),
    "open_executions": Limit(
        "Open executions", 1_000_000, "of account and region", _STATES, "quota, to millions"
    ),
    "history": Limit("Execution history", 25_000, "events", _STATES, "nothing (hard)"),
    "put_events": Limit("PutEvents", 10_000, "calls a second", _EVENTS, "quota", "400"),
    "event_invocations": Limit(
        "EventBridge invocations",
        18_750,
        "a second; above it late, not lost",
        _EVENTS,
        "quota",
        "750",
    ),
    "sign": Limit(
        "KMS, RSA operations",
        1000,
        "a second, shared by all RSA keys of the account and region",
        _KMS,
        "quota",
        "500",
    ),
}
"""By short name, as `setup.Quotas` calls them."""
