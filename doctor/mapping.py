"""The event source mapping: how the queue invokes the function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from doctor import design
from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.finding import Finding, ok_unless

SUBJECT = "event source mapping"
_REDEPLOY = "deploy the template again"


def check(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    uuid = deployment.resource("CancelPaymentFunctionPaymentTimeouts")
    yield from judge(aws.read("lambda", "get_event_source_mapping", UUID=uuid), deployment)


def judge(mapping: Mapping[str, Any], deployment: Deployment) -> Iterator[Finding]:
    fact = f"enabled, batches of {mapping.get('BatchSize')}, at most {_maximum(mapping)} at once"
    yield from ok_unless(_faults(mapping, deployment), SUBJECT, fact)


def _faults(mapping: Mapping[str, Any], deployment: Deployment) -> Iterator[Finding]:
    if mapping["State"] != "Enabled":
        yield Finding.wrong(
            SUBJECT,
            f"its state is {mapping['State']}: no payment is taken from the queue",
            f"aws lambda update-event-source-mapping --uuid {mapping['UUID']} --enabled",
        )
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
        yield Finding.wrong(
            SUBJECT,
            "it does not hear which messages of a batch failed: what is to be asked again is "
            "deleted, and the payment is lost",
            f"{_REDEPLOY}, before the next event",
        )
    if not mapping["FunctionArn"].endswith(f":{design.ALIAS}"):
        yield Finding.wrong(
            SUBJECT, f"it invokes {mapping['FunctionArn']}, not the alias", _REDEPLOY
        )
    queue = deployment.resource("PaymentTimeoutsQueue").rpartition("/")[2]
    if mapping["EventSourceArn"].rpartition(":")[2] != queue:
        yield Finding.wrong(
            SUBJECT, f"it reads {mapping['EventSourceArn']}, not {queue}", _REDEPLOY
        )
    maximum = deployment.parameters["MaximumConcurrency"]
    if str(_maximum(mapping)) != maximum:
        yield Finding.wrong(
            SUBJECT,
            f"its maximum concurrency is {_maximum(mapping)}; the stack says {maximum}",
            "deploy with the MaximumConcurrency that Alipay+ allows",
        )
    if mapping.get("BatchSize") != design.BATCH_SIZE:
        yield Finding.wrong(
            SUBJECT,
            f"its batch size is {mapping.get('BatchSize')}; one call for a batch's effects holds "
            f"{design.BATCH_SIZE}",
            _REDEPLOY,
        )
    if window := mapping.get("MaximumBatchingWindowInSeconds"):
        yield Finding.warning(
            SUBJECT,
            f"requests wait up to {window} s for company; between two attempts lie 5 to 10 s",
            f"set it to 0: {_REDEPLOY}",
        )


def _maximum(mapping: Mapping[str, Any]) -> object:
    return mapping.get("ScalingConfig", {}).get("MaximumConcurrency", "without limit")
