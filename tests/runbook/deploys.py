"""A deploy that breaks the function, and the queue that carries the requests meanwhile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.stack import World


def live_version(world: World) -> str:
    name = world.stack.function_name
    return str(world.client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"])


def publish_a_broken_version(world: World) -> None:
    """As `sam deploy` with `AutoPublishAlias`: new code, a version of it, the alias on that."""
    client, name, archive = world.client("lambda"), world.stack.function_name, io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("cancel_payment/__init__.py", "")
        file.writestr("cancel_payment/app.py", "raise ImportError('what nobody has packed')\n")
    client.update_function_code(FunctionName=name, ZipFile=archive.getvalue())
    version = client.publish_version(FunctionName=name)["Version"]
    client.update_alias(FunctionName=name, Name="live", FunctionVersion=version)


def receives(world: World) -> int:
    """How often the function has been invoked by its present version, by its log."""
    pages = world.client("logs").get_paginator("filter_log_events")
    started = f"Version: {live_version(world)}"
    return sum(
        started in one["message"]
        for page in pages.paginate(logGroupName=world.stack.log_group_name, filterPattern="START")
        for one in page["events"]
    )


@contextmanager
def queue_with(world: World, name: str, change: str) -> Iterator[None]:
    """An attribute of the queue of payments otherwise, for a while: `OLD -> NEW` in its text."""
    url, (old, new) = world.stack.queue_url, change.split(" -> ")
    found = world.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
    assert old in found[name]
    changed = {name: found[name].replace(old, new)}
    world.sqs.set_queue_attributes(QueueUrl=url, Attributes=changed)
    try:
        yield
    finally:
        world.sqs.set_queue_attributes(QueueUrl=url, Attributes={name: found[name]})
