"""The calls of AWS that the function of a running stack has made: those that came to the proxy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.stack.lifecycle import Stack
from tests.template.policies.calls import FUNCTION, MACHINE, Call
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
_ON = ("QueueUrl", "SecretId", "KeyId", "stateMachineArn")
# A call on one of these is on what a parameter names, not on a resource of the stack.
_PARAMETERS = ("CredentialsSecretArn", "SigningKeyArn", "OutcomeBusName")


def calls(stack: Stack, proxy: Proxy) -> set[Call]:
    """Every one so far."""
    cloudformation = stack.cloud.client("cloudformation")
    resources = cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"]
    [described] = cloudformation.describe_stacks(StackName=stack.name)["Stacks"]
    given = {one["ParameterKey"]: one["ParameterValue"] for one in described["Parameters"]}
    names = {_last(one["PhysicalResourceId"]): one["LogicalResourceId"] for one in resources}
    names |= {_last(given[name]): name for name in _PARAMETERS if given.get(name)}
    return {
        one
        for target, sent in list(proxy.heard)
        for one in _of_a_request(names, *target.split("."), sent)
    }


def _of_a_request(
    names: Mapping[str, str], service: str, operation: str, sent: dict[str, Any]
) -> Iterator[Call]:
    action = f"{_SERVICES[service.split('_')[0]]}:{_BATCHES.get(operation, operation)}"
    if operation == "PutEvents":
        # Keys with several values hold those of all entries.
        sources = tuple(sorted({one["Source"] for one in sent["Entries"]}))
        for bus in {one["EventBusName"] for one in sent["Entries"]}:
            yield Call(FUNCTION, action, names[_last(bus)], {"events:source": sources})
    elif "taskToken" in sent:  # a token belongs to the state machine that made it
        yield Call(FUNCTION, action, MACHINE)
    elif "executionArn" in sent:
        machine = names[sent["executionArn"].split(":")[6]]
        yield Call(FUNCTION, action, f"{machine}:execution")
    else:
        [on] = [sent[name] for name in _ON if name in sent]
        algorithm = sent.get("SigningAlgorithm")
        keys = {"kms:SigningAlgorithm": algorithm} if algorithm else {}
        yield Call(FUNCTION, action, names[_last(on)], keys)


def _last(name: str) -> str:
    """Of an ARN, a name or a URL."""
    return name.rpartition("/")[2].rpartition(":")[2]
