"""AWS clients that do nothing but write down what they are asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Recorder:
    """All four clients in one: what the function asked of AWS, in order."""

    events_put: list[dict[str, Any]] = field(default_factory=list)
    hidden: dict[str, int] = field(default_factory=dict)
    dead: list[dict[str, Any]] = field(default_factory=list)
    started: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def sqs(self) -> Recorder:
        return self

    stepfunctions = events = sqs

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        assert len(Entries) <= 10
        for entry in Entries:
            detail = json.loads(entry["Detail"])
            self.events_put.append({"detail-type": entry["DetailType"], **detail})
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}

    def change_message_visibility_batch(
        self, *, QueueUrl: str, Entries: list[dict[str, Any]]
    ) -> dict[str, Any]:
        assert len(Entries) <= 10
        for entry in Entries:
            self.hidden[entry["ReceiptHandle"]] = entry["VisibilityTimeout"]
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def send_message(self, **message: Any) -> dict[str, Any]:
        attributes = message["MessageAttributes"]
        values = {name: value["StringValue"] for name, value in attributes.items()}
        self.dead.append({"body": message["MessageBody"], "to": message["QueueUrl"], **values})
        return {"MessageId": "1"}

    def start_execution(self, *, input: str, **more: Any) -> dict[str, Any]:
        self.started.append({"name": more["name"], **json.loads(input)})
        return {"executionArn": "arn"}

    def send_task_success(self, *, taskToken: str, output: str) -> dict[str, Any]:
        self.told.append({"token": taskToken, **json.loads(output)})
        return {}

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> dict[str, Any]:
        self.failed.append({"token": taskToken, "error": error, "cause": cause})
        return {}
