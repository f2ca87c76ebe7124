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


@dataclass(frozen=True, slots=True)
class Limit:
    """A published default.

    Attributes
    ----------
    elsewhere
        The figure of the smallest regions, where it is another one.
    confirmed
        Read in a stored copy of the page named (no page was read live); else in a second-hand
        source only.
    raised_by
        What lifts it.
    """

    name: str
    value: float
    unit: str
    source: str
    raised_by: str
    elsewhere: str = ""
    confirmed: bool = True


LIMITS: Final = {
    "maximum_concurrency": Limit(
        "`MaximumConcurrency` of an SQS event source",
        1000,
        "batches at a time, at most",
        "docs.aws.amazon.com/AWSCloudFormation: AWS::Lambda::EventSourceMapping ScalingConfig",
        "not above 1,000; provisioned mode instead of it",
    ),
    "pollers_first": Limit(
        "SQS event source, at first", 5, "batches at a time", _POLLER, "provisioned mode"
    ),
    "pollers_per_minute": Limit(
        "SQS event source, growth",
        300,
        "batches at a time, more each minute",
        _POLLER,
        "provisioned mode (1,000 a minute)",
    ),
    "pollers_most": Limit(
        "SQS event source, most",
        1250,
        "batches at a time (1,000 in older copies of the page)",
        _POLLER,
        "AWS support, or provisioned mode (20,000)",
    ),
    "lambda_concurrency": Limit(
        "Lambda concurrent executions",
        1000,
        "of the account; new accounts have less",
        _LAMBDA,
        "quota, to tens of thousands",
    ),
    "lambda_growth": Limit(
        "Lambda scaling rate",
        1000,
        "environments per function every 10 s",
        "docs.aws.amazon.com/lambda/latest/dg/scaling-behavior",
        "nothing; the event source grows slower",
    ),
    "in_flight": Limit(
        "SQS standard queue, in flight",
        120_000,
        "messages received and not deleted, about",
        "docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues",
        "quota by support request, or more queues",
    ),
    "sqs_calls": Limit(
        "SQS standard queue, API calls",
        float("inf"),
        "calls a second per action: nearly unlimited, says the page",
        "docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages",
        "-",
        confirmed=False,
    ),
    "start_size": Limit("StartExecution, bucket", 1300, "calls", _STATES, "quota", "800"),
    "start_refill": Limit("StartExecution, refill", 300, "calls a second", _STATES, "quota", "150"),
    "tell_size": Limit(
        "SendTaskSuccess, SendTaskFailure, bucket",
        3000,
        "calls, each",
        _STATES,
        "quota",
        "1,500",
    ),
    "tell_refill": Limit(
        "SendTaskSuccess, SendTaskFailure, refill",
        500,
        "calls a second, each",
        _STATES,
        "quota",
        "300",
    ),
    "transition_size": Limit(
        "StateTransition, bucket", 5000, "transitions", _STATES, "quota", "800"
    ),
    "transition_refill": Limit(
        "StateTransition, refill",
        5000,
        "transitions a second; new accounts have less",
        _STATES,
        "quota",
        "800",
    ),
    "open_executions": Limit(
        "Open executions", 1_000_000, "of the account and region", _STATES, "quota, to millions"
    ),
    "history": Limit(
        "Execution history", 25_000, "events of one execution", _STATES, "nothing (hard)"
    ),
    "put_events": Limit("PutEvents", 10_000, "calls a second", _EVENTS, "quota", "400"),
    "event_invocations": Limit(
        "EventBridge invocations",
        18_750,
        "targets a second; above it they are late, not lost",
        _EVENTS,
        "quota",
        "750",
    ),
}
"""By short name, as `setup.Quotas` calls them."""
