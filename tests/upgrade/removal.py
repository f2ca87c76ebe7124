"""`sam delete`, and what is still there afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from sandbox.stack.cloud import REGION, Cloud
from sandbox.stack.lifecycle import Stack

# How to list what the template makes, by type: the names or ARNs that there are.
_LISTS: dict[str, Callable[[Cloud], list[str]]] = {
    "AWS::SQS::Queue": lambda c: c.client("sqs").list_queues().get("QueueUrls", []),
    "AWS::Logs::LogGroup": lambda c: _each(
        c.client("logs").describe_log_groups()["logGroups"], "logGroupName"
    ),
    "AWS::Lambda::Function": lambda c: _each(
        c.client("lambda").list_functions()["Functions"], "FunctionName"
    ),
    "AWS::Lambda::EventSourceMapping": lambda c: _each(
        c.client("lambda").list_event_source_mappings()["EventSourceMappings"], "UUID"
    ),
    "AWS::StepFunctions::StateMachine": lambda c: _each(
        c.client("stepfunctions").list_state_machines()["stateMachines"], "stateMachineArn"
    ),
    "AWS::Events::Rule": lambda c: _each(c.client("events").list_rules()["Rules"], "Name"),
    "AWS::SNS::Topic": lambda c: _each(c.client("sns").list_topics()["Topics"], "TopicArn"),
    "AWS::CloudWatch::Alarm": lambda c: _each(
        c.client("cloudwatch").describe_alarms()["MetricAlarms"], "AlarmName"
    ),
    "AWS::CloudWatch::Dashboard": lambda c: _each(
        c.client("cloudwatch").list_dashboards()["DashboardEntries"], "DashboardName"
    ),
    "AWS::IAM::Role": lambda c: _each(c.client("iam").list_roles()["Roles"], "RoleName"),
}


def removed(stack: Stack) -> set[str]:
    """Remove the stack as a person would; the logical ids of what is still there."""
    made = {
        one["LogicalResourceId"]: (one["ResourceType"], one["PhysicalResourceId"])
        for page in stack.cloud.client("cloudformation")
        .get_paginator("list_stack_resources")
        .paginate(StackName=stack.name)
        for one in page["StackResourceSummaries"]
    }
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
    there = {kind: set(find(stack.cloud)) for kind, find in _LISTS.items()}
    return {name for name, (kind, physical) in made.items() if physical in there.get(kind, ())}


def _each(listed: list[dict[str, Any]], key: str) -> list[str]:
    return [one[key] for one in listed]
