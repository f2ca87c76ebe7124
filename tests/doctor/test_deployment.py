"""The template, evaluated, and compared with facts that AWS tells and the emulated AWS does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from doctor import stack as stacks
from doctor.deployment import comparison
from doctor.deployment.template import UNKNOWN, Template
from doctor.finding import Finding
from tests.doctor.conftest import ACCOUNT, on_aws, summary

FUNCTION, MACHINE = "CancelPaymentFunction", "CancelUntilCutoffStateMachine"
IN_VPC = {"SubnetIds": {"Ref": "VpcSubnetIds"}, "SecurityGroupIds": {"Ref": "VpcSecurityGroupIds"}}
LISTED = {"Type": "CommaDelimitedList"}
TEMPLATE: dict[str, Any] = {
    "Parameters": {"VpcSubnetIds": LISTED, "VpcSecurityGroupIds": LISTED,
                   "Architecture": {"Type": "String"}},
    "Conditions": {"InVpc": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", [{"Fn::Select": [
        "0", {"Ref": "VpcSubnetIds"}]}]]}, ""]}]}},
    "Resources": {
        FUNCTION: {"Type": "AWS::Lambda::Function", "Properties": {
            "Runtime": "python3.13",
            "Architectures": [{"Ref": "Architecture"}],
            "RecursiveLoop": "Allow",
            "LoggingConfig": {"ApplicationLogLevel": "INFO", "LogGroup": "/logs"},
            "VpcConfig": {"Fn::If": ["InVpc", IN_VPC, {"Ref": "AWS::NoValue"}]},
            "Environment": {"Variables": {"TIMEOUT": "8"}},
        }},
        MACHINE: {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
            "StateMachineType": "STANDARD",
            "LoggingConfiguration": {"Level": "ERROR", "Destinations": [
                {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}]},
            "EncryptionConfiguration": {"Ref": "AWS::NoValue"},
        }},
        "Logs": {"Type": "AWS::Logs::LogGroup"},
        "Absent": {"Type": "AWS::SQS::Queue", "Condition": "InVpc"},
    },
}  # fmt: skip
CONFIGURATION = {
    "Runtime": "python3.13",
    "State": "Active",
    "Architectures": ["arm64"],
    "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "LogGroup": "/logs"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""},
    "Environment": {"Variables": {"TIMEOUT": "8"}},
}
LOGS = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/logs:*"
TRACKER = {
    "status": "ACTIVE",
    "type": "STANDARD",
    "loggingConfiguration": {
        "level": "ERROR",
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": LOGS}}],
    },
    "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
}


def deployed(**parameters: str) -> stacks.Stack:
    chosen = {"VpcSubnetIds": "", "VpcSecurityGroupIds": "", "Architecture": "arm64"}
    resources = {FUNCTION: "f", MACHINE: "m", "Logs": "/logs"}
    return on_aws(template=TEMPLATE, resources=resources, parameters=chosen | parameters)


def compared(kind: str, stack: stacks.Stack, loops: str = "Allow", **changes: Any) -> list[Finding]:
    answers: dict[str, Any] = {
        "get_function_configuration": CONFIGURATION | changes,
        "get_function_concurrency": {},
        "get_function_recursion_config": {"RecursiveLoop": loops},
        "describe_state_machine": TRACKER | changes,
    }
    aws: Any = SimpleNamespace(read=lambda _, operation, **__: answers[operation])
    return list(comparison.check(aws, stack, kind))


@pytest.mark.parametrize(
    ("changes", "differing"),
    [
        ({}, ""),
        ({"Runtime": "python3.12"}, "Runtime"),
        ({"State": "Failed"}, "State"),
        ({"LoggingConfig": {"LogGroup": "/logs", "ApplicationLogLevel": "WARN"}}, "LoggingConfig"),
        ({"Architectures": ["x86_64"]}, "Architectures"),
        ({"VpcConfig": {"SubnetIds": ["subnet-0a"], "SecurityGroupIds": []}}, "VpcConfig"),
        ({"Environment": {"Variables": {"TIMEOUT": "8", "ANOTHER": "1"}}}, "Environment"),
        ({"loops": "Terminate"}, "RecursiveLoop"),
    ],
)
def test_version_in_use_is_compared_with_the_template(
    changes: dict[str, Any], differing: str
) -> None:
    (finding,) = compared("AWS::Lambda::Function", deployed(), **changes)
    assert finding.status == ("WRONG" if differing else "OK")
    assert finding.subject.endswith(differing)


def test_parameter_that_never_reached_the_version_in_use() -> None:
    stack = deployed(VpcSubnetIds="subnet-0a,subnet-0b", VpcSecurityGroupIds="sg-0c")
    (missing,) = compared("AWS::Lambda::Function", stack)
    assert '["subnet-0a", "subnet-0b"]' in missing.fact and "publishes a version" in missing.action
    right = {"SubnetIds": ["subnet-0b", "subnet-0a"], "SecurityGroupIds": ["sg-0c"]}
    assert compared("AWS::Lambda::Function", stack, VpcConfig=right)[0].status == "OK"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "OK"),
        ({"status": "DELETING"}, "WRONG"),
        ({"loggingConfiguration": {"level": "ERROR"}}, "WRONG"),
        ({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}}, "WARNING"),
    ],
)
def test_tracker_is_compared_with_the_template(changes: dict[str, Any], status: str) -> None:
    assert {
        one.status for one in compared("AWS::StepFunctions::StateMachine", deployed(), **changes)
    } == {status}


def test_template_is_evaluated_with_parameters_and_resources() -> None:
    values = {
        "of another bus": {"Fn::GetAtt": "Rule.Arn"},
        "by name": {"Fn::Sub": "${AWS::StackName}/${Queue.QueueName}/${!Kept}"},
        "with names": {"Fn::Sub": ["${One}-x", {"One": {"Ref": "Seconds"}}]},
        "mapped": {"Fn::FindInMap": ["Map", "first", "second"]},
        "split": {"Fn::Select": [1, {"Fn::Split": ["-", "a-b"]}]},
        "left out": {"Ref": "AWS::NoValue"},
        "a null of its own": [None, {"Ref": "AWS::NoValue"}],
        "of AWS": {"Fn::Join": ["/", [{"Fn::GetAtt": ["Queue", "Colour"]}, "x"]]},
    }
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": values},
        "Rule": {"Type": "AWS::Events::Rule"},
    }
    stack = on_aws(
        template={"Mappings": {"Map": {"first": {"second": 7}}}, "Parameters": {
            "Seconds": {"Type": "Number"}}, "Resources": resources},
        resources={"Queue": "https://sqs.example.com/1/name", "Rule": "bus|rule"},
        parameters={"Seconds": "8"},
    )  # fmt: skip
    assert Template(stack).properties("Queue") == {
        "of another bus": f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/bus/rule",
        "by name": "cancel-payment/name/${Kept}",
        "with names": "8-x",
        "mapped": 7,
        "split": "b",
        "left out": None,
        "a null of its own": [None],
        "of AWS": UNKNOWN,
    }


def test_resource_whose_condition_does_not_hold_is_not_missed() -> None:
    assert "Absent" not in dict(Template(deployed()).resources())
    assert "Absent" in dict(Template(deployed(VpcSubnetIds="subnet-0a")).resources())
    missing = compared("AWS::SQS::Queue", deployed(VpcSubnetIds="subnet-0a"))
    assert summary(missing) == {("WRONG", "Absent")}


@pytest.mark.parametrize(
    ("says", "has", "count"),
    [
        ("2", 2, 0),
        (True, "true", 0),
        (None, {"SubnetIds": [], "VpcId": ""}, 0),
        (False, None, 0),
        (["a", "b"], ["b", "a"], 0),
        (["a"], ["a", "b"], 1),
        (["a", None], [None, "a"], 0),
        ({"a": 1}, {"a": 1, "of AWS": 2}, 0),
        ([{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 3}], 1),
        (UNKNOWN, "anything", 0),
    ],
)
def test_values_that_are_the_same(says: Any, has: Any, count: int) -> None:
    assert len([*comparison.differences(says, has)]) == count
