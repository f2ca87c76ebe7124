"""`sam delete`, and what is still there afterwards."""

from __future__ import annotations

import subprocess
import sys

import jmespath

from sandbox.stack.cloud import REGION
from sandbox.stack.lifecycle import Stack

# Where what the template makes is listed, by type, and where the answer has its name or ARN.
_LISTS = {
    "AWS::SQS::Queue": "sqs list_queues QueueUrls[]",
    "AWS::Logs::LogGroup": "logs describe_log_groups logGroups[].logGroupName",
    "AWS::Lambda::Function": "lambda list_functions Functions[].FunctionName",
    "AWS::Lambda::EventSourceMapping": (
        "lambda list_event_source_mappings EventSourceMappings[].UUID"
    ),
    "AWS::StepFunctions::StateMachine": (
        "stepfunctions list_state_machines stateMachines[].stateMachineArn"
    ),
    "AWS::Events::Rule": "events list_rules Rules[].Name",
    "AWS::SNS::Topic": "sns list_topics Topics[].TopicArn",
    "AWS::CloudWatch::Alarm": "cloudwatch describe_alarms MetricAlarms[].AlarmName",
    "AWS::IAM::Role": "iam list_roles Roles[].RoleName",
}


def removed(stack: Stack) -> set[str]:
    """Remove the stack as a person would; the logical ids of what is still there."""
    pages = stack.cloud.client("cloudformation").get_paginator("list_stack_resources")
    made = [
        (one["LogicalResourceId"], one["ResourceType"], one["PhysicalResourceId"])
        for page in pages.paginate(StackName=stack.name)
        for one in page["StackResourceSummaries"]
    ]
    subprocess.run(
        [
            *(sys.executable, "-m", "samcli", "delete", "--no-prompts"),
            *("--stack-name", stack.name, "--region", REGION),
        ],
        env={
            **stack.cloud.environment,
            "SAM_CLI_TELEMETRY": "0",
            "__SAM_CLI_APP_DIR": str(stack.directory / "sam"),
        },
        cwd=stack.directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    there: dict[str, list[str]] = {}
    for kind, listed in _LISTS.items():
        service, operation, names = listed.split(" ")
        answer = getattr(stack.cloud.client(service), operation)()
        there[kind] = jmespath.search(names, answer) or []
    return {name for name, kind, physical in made if physical in there.get(kind, ())}
