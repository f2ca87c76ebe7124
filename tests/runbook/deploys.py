"""A deploy that breaks the function, and the queue that carries the requests meanwhile."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.stack.lifecycle import Stack


def live_version(stack: Stack) -> str:
    alias = stack.cloud.client("lambda").get_alias(FunctionName=stack.function_name, Name="live")
    return str(alias["FunctionVersion"])


def publish_a_broken_version(stack: Stack) -> None:
    """As `sam deploy` with `AutoPublishAlias`: new code, a version of it, the alias on that."""
    client, name, archive = stack.cloud.client("lambda"), stack.function_name, io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("cancel_payment/__init__.py", "")
        file.writestr("cancel_payment/app.py", "raise ImportError('what nobody has packed')\n")
    client.update_function_code(FunctionName=name, ZipFile=archive.getvalue())
    version = client.publish_version(FunctionName=name)["Version"]
    client.update_alias(FunctionName=name, Name="live", FunctionVersion=version)


def receives(stack: Stack) -> int:
    """How often the function has been invoked by its present version, by its log."""
    pages = stack.cloud.client("logs").get_paginator("filter_log_events")
    started = f"Version: {live_version(stack)}"
    return sum(
        started in one["message"]
        for page in pages.paginate(logGroupName=stack.log_group_name, filterPattern="START")
        for one in page["events"]
    )


@contextmanager
def visible_after(stack: Stack, seconds: int) -> Iterator[None]:
    """Every message comes back after so long, for a while."""
    with _queue(stack, "VisibilityTimeout", str(seconds)):
        yield


@contextmanager
def given_up_after(stack: Stack, most: int) -> Iterator[None]:
    """SQS puts a message aside after so many receives, for a while."""
    policy = json.loads(_attribute(stack, "RedrivePolicy")) | {"maxReceiveCount": most}
    with _queue(stack, "RedrivePolicy", json.dumps(policy)):
        yield


@contextmanager
def _queue(stack: Stack, name: str, value: str) -> Iterator[None]:
    sqs, before = stack.cloud.client("sqs"), _attribute(stack, name)
    sqs.set_queue_attributes(QueueUrl=stack.queue_url, Attributes={name: value})
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=stack.queue_url, Attributes={name: before})


def _attribute(stack: Stack, name: str) -> str:
    sqs = stack.cloud.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=stack.queue_url, AttributeNames=[name])
    return str(found["Attributes"][name])
