"""The calls of AWS that a running stack has made: of its function, its tracker and its rules.

The function's are those that came to the proxy. The tracker's are the tasks in the histories of
its executions, with the definition as it was deployed. A rule's are its targets whose queue has
had a message. All of it is read by AWS's own interface.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sandbox.stack.lifecycle import Stack
from tests.template.policies.calls import EXECUTION, MACHINE, RULES, Call
from tests.template.policies.proxy import Proxy

_SERVICES = {
    "AmazonSQS": "sqs",
    "AWSStepFunctions": "states",
    "AWSEvents": "events",
    "secretsmanager": "secretsmanager",
    "TrentService": "kms",
}
# IAM knows no action of its own for a batch of them.
_BATCHES = {"ChangeMessageVisibilityBatch": "ChangeMessageVisibility"}
# The parameter of each call that says what it is made on.
_ON = ("QueueUrl", "SecretId", "KeyId", "stateMachineArn", "executionArn")
# A call on one of these is on what a parameter names, not on a resource of the stack.
_PARAMETERS = ("CredentialsSecretArn", "SigningKeyArn", "OutcomeBusName")


def calls(stack: Stack, proxy: Proxy) -> set[Call]:
    """Every one so far."""
    names = _Names(stack)
    functions = stack.cloud.client("lambda")
    function = functions.get_function_configuration(FunctionName=stack.function_name)
    by = names.of(function["Role"])
    found = {
        one for target, sent in list(proxy.heard) for one in _by_function(names, by, target, sent)
    }
    return found | set(_by_tracker(stack, names)) | set(_by_rules(stack, names))


class _Names:
    """What the template calls what the stack has."""

    def __init__(self, stack: Stack) -> None:
        cloudformation = stack.cloud.client("cloudformation")
        resources = cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"]
        [described] = cloudformation.describe_stacks(StackName=stack.name)["Stacks"]
        values = {one["ParameterKey"]: one["ParameterValue"] for one in described["Parameters"]}
        self.physical = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
        self.rules = [
            one["LogicalResourceId"]
            for one in resources
            if one["ResourceType"] == "AWS::Events::Rule"
        ]
        self._logical = {physical: logical for logical, physical in self.physical.items()}
        self._logical |= {values[name]: name for name in _PARAMETERS if values.get(name)}

    def of(self, value: str) -> str:
        """By an ARN, a name or a URL; what the stack does not have keeps its own name."""
        if ":execution:" in value:
            machine = value.rpartition(":")[0].replace(":execution:", ":stateMachine:")
            return EXECUTION if self.of(machine) == MACHINE else value
        last = value.rpartition("/")[2].rpartition(":")[2]
        by_last = {
            one.rpartition("/")[2].rpartition(":")[2]: name for one, name in self._logical.items()
        }
        return self._logical.get(value) or by_last.get(last) or value


def _by_function(names: _Names, by: str, target: str, sent: dict[str, Any]) -> Iterator[Call]:
    prefix, _, operation = target.partition(".")
    action = f"{_SERVICES[prefix.split('_')[0]]}:{_BATCHES.get(operation, operation)}"
    if operation == "PutEvents":
        yield from _put_events(names, by, sent["Entries"])
    elif "taskToken" in sent:  # a token belongs to the state machine that made it
        yield Call(by, action, MACHINE)
    elif operation == "Sign":
        keys = {"kms:SigningAlgorithm": sent["SigningAlgorithm"]}
        yield Call(by, action, names.of(sent["KeyId"]), keys)
    else:
        [on] = [sent[name] for name in _ON if name in sent]
        yield Call(by, action, names.of(on))


def _by_tracker(stack: Stack, names: _Names) -> Iterator[Call]:
    client = stack.cloud.client("stepfunctions")
    machine = client.describe_state_machine(stateMachineArn=stack.state_machine_arn)
    states = json.loads(machine["definition"])["States"]
    by = names.of(machine["roleArn"])
    entered: set[str] = set()
    executions = client.get_paginator("list_executions")
    for page in executions.paginate(stateMachineArn=stack.state_machine_arn):
        for one in page["executions"]:
            history = client.get_execution_history(
                executionArn=one["executionArn"], maxResults=1000
            )
            for event in history["events"]:
                if event["type"] == "TaskStateEntered":
                    entered.add(event["stateEnteredEventDetails"]["name"])
    for state in entered:
        service, operation = states[state]["Resource"].split(":")[5:7]
        sent = states[state]["Arguments"]
        if operation == "putEvents":
            yield from _put_events(names, by, sent["Entries"])
        else:
            name = operation.partition(".")[0]
            action = f"{service}:{name[0].upper()}{name[1:]}"
            yield Call(by, action, names.of(sent["QueueUrl"]))


def _put_events(names: _Names, by: str, entries: list[dict[str, Any]]) -> Iterator[Call]:
    """Keys with several values hold those of all entries."""
    sources = tuple(sorted({one["Source"] for one in entries}))
    for bus in {one["EventBusName"] for one in entries}:
        yield Call(by, "events:PutEvents", names.of(bus), {"events:source": sources})


def _by_rules(stack: Stack, names: _Names) -> Iterator[Call]:
    events, sqs = stack.cloud.client("events"), stack.cloud.client("sqs")
    for rule in names.rules:
        name = names.physical[rule].rpartition("|")[2].rpartition("/")[2]
        for target in events.list_targets_by_rule(Rule=name)["Targets"]:
            queue = names.of(target["Arn"])
            url = names.physical[queue]
            attribute = "ApproximateNumberOfMessages"
            kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])["Attributes"]
            # The function has taken from its own queue what came there.
            if url == stack.queue_url or int(kept[attribute]):
                keys = {"aws:SourceArn": rule}
                yield Call(RULES, "sqs:SendMessage", queue, keys)
