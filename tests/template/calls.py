"""The AWS calls of the function: those that a run makes, and those that its source holds."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from tests.template.deployed import ROOT

_SERVICES = {"stepfunctions": "states"}
# IAM knows no action of its own for a batch of them.
_BATCHES = {"ChangeMessageVisibilityBatch": "ChangeMessageVisibility"}
# The parameter of each call that says what it is made on.
_ON = ("QueueUrl", "SecretId", "KeyId", "stateMachineArn", "executionArn")


@dataclass
class Recorder:
    """What botocore is asked for: IAM action and the value that says what it is made on."""

    made: set[tuple[str, str]] = field(default_factory=set)
    operations: set[tuple[str, str]] = field(default_factory=set)

    def __call__(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        service, operation = model.service_model.signing_name, model.name
        self.operations.add((service, operation))
        action = f"{service}:{_BATCHES.get(operation, operation)}"
        if "taskToken" in params:  # a token belongs to the state machine that made it
            self.made.add((action, "taskToken"))
        for entry in params.get("Entries", []):
            if "EventBusName" in entry:
                self.made.add((action, entry["EventBusName"]))
        for name in _ON:
            if name in params:
                self.made.add((action, params[name]))


def record(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Record every call of the clients that boto3 makes from now on."""
    recorder = Recorder()
    session = boto3.session.Session()
    session.events.register("provide-client-params", recorder)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    return recorder


def in_source() -> set[tuple[str, str]]:
    """Service and operation of every call in the package, read off its syntax.

    A client is only ever reached as `…clients.<service>`, that of KMS as the signer's `client`.
    """
    found = set()
    for path in sorted((ROOT / "functions/cancel_payment").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        attr=operation,
                        value=ast.Attribute(
                            attr=service,
                            value=ast.Attribute(attr="_clients" | "clients"),
                        ),
                    )
                ) if service in {"sqs", "events", "stepfunctions", "secretsmanager", "kms"}:
                    name = "".join(part.capitalize() for part in operation.split("_"))
                    found.add((_SERVICES.get(service, service), name))
                case ast.Call(
                    func=ast.Attribute(
                        attr=operation, value=ast.Attribute(attr="client", value=ast.Name("self"))
                    )
                ):
                    found.add(("kms", operation.capitalize()))
    return found
