"""A deploy that breaks the function, and the queue that carries the requests meanwhile."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.stack.lifecycle import Stack

_BROKEN = "raise ImportError('a module that the artifact does not hold')\n"


class Deploys:
    """What a deployment does to the function, done by hand."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._functions = stack.cloud.client("lambda")
        self._sqs = stack.cloud.client("sqs")

    @property
    def live_version(self) -> str:
        alias = self._functions.get_alias(FunctionName=self._stack.function_name, Name="live")
        version: str = alias["FunctionVersion"]
        return version

    def publish_a_broken_version(self) -> None:
        """As `sam deploy` with `AutoPublishAlias`: new code, a version of it, the alias on that."""
        name, archive = self._stack.function_name, io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("cancel_payment/__init__.py", "")
            file.writestr("cancel_payment/app.py", _BROKEN)
        self._functions.update_function_code(FunctionName=name, ZipFile=archive.getvalue())
        version = self._functions.publish_version(FunctionName=name)["Version"]
        self._functions.update_alias(FunctionName=name, Name="live", FunctionVersion=version)

    @property
    def receives(self) -> int:
        """How often the function has been invoked by its present version, by its log."""
        client = self._stack.cloud.client("logs")
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=self._stack.log_group_name, filterPattern="START"
        )
        started = f"Version: {self.live_version}"
        return sum(started in one["message"] for page in pages for one in page["events"])

    @contextmanager
    def queue(self, **attributes: str) -> Iterator[None]:
        """The queue with other attributes for a while; `maxReceiveCount` is one of its policy."""
        url = self._stack.queue_url
        before = self._sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["VisibilityTimeout", "RedrivePolicy"]
        )["Attributes"]
        self._set(_with(before, attributes))
        try:
            yield
        finally:
            self._set({name: before[name] for name in _with(before, attributes)})

    def _set(self, attributes: dict[str, str]) -> None:
        self._sqs.set_queue_attributes(QueueUrl=self._stack.queue_url, Attributes=attributes)


def _with(before: dict[str, str], attributes: dict[str, str]) -> dict[str, str]:
    chosen: dict[str, Any] = dict(attributes)
    if "maxReceiveCount" in chosen:
        policy = json.loads(before["RedrivePolicy"])
        limit = {"maxReceiveCount": int(chosen.pop("maxReceiveCount"))}
        chosen["RedrivePolicy"] = json.dumps(policy | limit)
    return chosen
