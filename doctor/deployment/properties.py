"""The real properties of a resource, as its service tells them, in the template's shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from doctor import settings
from doctor.aws import Aws
from doctor.failures import Missing
from doctor.stack import Stack

type Properties = dict[str, Any]
type Reader = Callable[[Aws, Stack, str, Properties], Properties]
"""From the physical id, and what the template says, to what is."""


def queue_attributes(aws: Aws, url: str) -> Mapping[str, str]:
    """All attributes of a queue, as SQS tells them: texts.

    Raises
    ------
    ReadError
    """
    answer = aws.read("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    attributes: Mapping[str, str] = answer["Attributes"]
    return attributes


def _queue(aws: Aws, stack: Stack, url: str, said: Properties) -> Properties:
    return {name: _parsed(value) for name, value in queue_attributes(aws, url).items()}


def _queue_policy(aws: Aws, stack: Stack, name: str, said: Properties) -> Properties:
    [url] = said["Queues"]
    return {"Queues": [url], "PolicyDocument": _parsed(queue_attributes(aws, url).get("Policy"))}


def _rule(aws: Aws, stack: Stack, name: str, said: Properties) -> Properties:
    # On a bus other than the default one, CloudFormation's name is "bus|rule".
    which = {"EventBusName": said.get("EventBusName") or "default"}
    name = name.rpartition("|")[2]
    rule: Properties = aws.read("events", "describe_rule", Name=name, **which)
    targets = aws.read("events", "list_targets_by_rule", Rule=name, **which)["Targets"]
    return rule | {"EventPattern": _parsed(rule.get("EventPattern")), "Targets": targets}


def _function(aws: Aws, stack: Stack, name: str, said: Properties) -> Properties:
    """Of the version behind the alias: that of $LATEST invokes nobody."""
    configuration = settings.live(aws, stack)
    reserved = aws.read("lambda", "get_function_concurrency", FunctionName=name)
    loops = aws.read("lambda", "get_function_recursion_config", FunctionName=name)
    return {
        **configuration,
        # Lambda's and CloudFormation's names differ.
        "KmsKeyArn": configuration.get("KMSKeyArn"),
        "ReservedConcurrentExecutions": reserved.get("ReservedConcurrentExecutions"),
        "RecursiveLoop": loops["RecursiveLoop"],
    }


def _alias(aws: Aws, stack: Stack, arn: str, said: Properties) -> Properties:
    function, _, name = arn.rpartition(":")
    alias: Properties = aws.read("lambda", "get_alias", FunctionName=function, Name=name)
    return alias


def _mapping(aws: Aws, stack: Stack, uuid: str, said: Properties) -> Properties:
    mapping: Properties = aws.read("lambda", "get_event_source_mapping", UUID=uuid)
    window = mapping.get("MaximumBatchingWindowInSeconds") or None
    return mapping | {
        "FunctionName": mapping["FunctionArn"],
        "MaximumBatchingWindowInSeconds": window,
    }


def _state_machine(aws: Aws, stack: Stack, arn: str, said: Properties) -> Properties:
    machine = aws.read("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    properties: Properties = _capitalised(machine)
    encryption = properties.get("EncryptionConfiguration", {})
    return properties | {
        "StateMachineType": machine["type"],
        "EncryptionConfiguration": None
        if encryption.get("Type") == "AWS_OWNED_KEY"
        else encryption,
    }


def _alarm(aws: Aws, stack: Stack, name: str, said: Properties) -> Properties:
    for one in alarms(aws, stack):
        if one["AlarmName"] == name:
            return one
    raise Missing(f"the alarm {name}")


def alarms(aws: Aws, stack: Stack) -> list[Properties]:
    """All alarms of the stack, as CloudWatch describes them.

    Raises
    ------
    ReadError
    """
    names = [name for id, name in stack.resources.items() if id.endswith("Alarm")]
    return aws.read_all("cloudwatch", "describe_alarms", "MetricAlarms", AlarmNames=names)


def _key(aws: Aws, stack: Stack, id: str, said: Properties) -> Properties:
    metadata: Properties = aws.read("kms", "describe_key", KeyId=id)["KeyMetadata"]
    return metadata


def _parsed(value: str | None) -> Any:
    """What is JSON within a text; other texts as they are."""
    try:
        return json.loads(value) if value else None
    except ValueError:
        return value


def _capitalised(value: Any) -> Any:
    """Names as CloudFormation writes them: `logGroupArn` becomes `LogGroupArn`."""
    if isinstance(value, dict):
        return {f"{name[:1].upper()}{name[1:]}": _capitalised(one) for name, one in value.items()}
    return [_capitalised(one) for one in value] if isinstance(value, list) else value


READERS: Final[Mapping[str, Reader]] = {
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::Events::Rule": _rule,
    "AWS::StepFunctions::StateMachine": _state_machine,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::KMS::Key": _key,
}
# What these calls do not tell: it is not compared.
NOT_TOLD: Final[Mapping[str, set[str]]] = {
    "AWS::SQS::Queue": {"QueueName"},
    "AWS::Lambda::Function": {"Code", "Tags", "CodeSigningConfigArn", "Description"},
    "AWS::Lambda::Alias": {"FunctionName"},
    "AWS::StepFunctions::StateMachine": {"DefinitionS3Location", "DefinitionSubstitutions"},
    "AWS::KMS::Key": {"EnableKeyRotation", "PendingWindowInDays", "KeyPolicy"},
}
# Neither does the emulated AWS keep these (ministack 1.5.33); judged there when they are set later.
NOT_KEPT: Final[Mapping[str, Properties]] = {
    "AWS::Lambda::Function": {"RecursiveLoop": "Terminate"},
    "AWS::StepFunctions::StateMachine": {"LoggingConfiguration": {}, "TracingConfiguration": None},
}
# What the template leaves to AWS, because what AWS sets by itself is right.
DEFAULTS: Final[Mapping[str, Properties]] = {
    "AWS::Lambda::Function": {"State": "Active", "ReservedConcurrentExecutions": None},
    "AWS::Lambda::Alias": {"RoutingConfig": None},
    "AWS::Lambda::EventSourceMapping": {"State": "Enabled", "MaximumBatchingWindowInSeconds": None},
    "AWS::Events::Rule": {"State": "ENABLED"},
    "AWS::StepFunctions::StateMachine": {"Status": "ACTIVE"},
    "AWS::CloudWatch::Alarm": {"ActionsEnabled": True},
    "AWS::KMS::Key": {"KeyState": "Enabled"},
}
