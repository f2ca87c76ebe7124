"""The template, evaluated, and compared with facts that AWS tells and the emulated AWS does not."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from doctor import stack as stacks
from doctor.deployment import comparison
from doctor.deployment.template import UNKNOWN, Template
from doctor.finding import Finding
from tests.doctor.conftest import ACCOUNT, on_aws, summary
from tests.template import deployed as translated
from tests.template.options import OPTIONS, REQUIRED

FUNCTION, MACHINE = "CancelPaymentFunction", "CancelUntilCutoffStateMachine"
VPC = OPTIONS["VPC"]
OF_VPC = {
    "SubnetIds": VPC["VpcSubnetIds"].split(",")[::-1],  # their order means nothing
    "SecurityGroupIds": [VPC["VpcSecurityGroupIds"]],
}
ENCRYPTED = {"type": "CUSTOMER_MANAGED_KMS_KEY"}


def deployed(**parameters: str) -> stacks.Stack:
    """The real template with these parameters, every resource named as in it."""
    template = translated.translate(translated.TEMPLATE.read_text(), REQUIRED)
    given = {name: str(one.get("Default", "")) for name, one in template["Parameters"].items()}
    names = {name: name for name in template["Resources"]}
    return on_aws(template=template, resources=names, parameters=given | REQUIRED | parameters)


def compared(kind: str, stack: stacks.Stack, loops: str = "Allow", **changes: Any) -> list[Finding]:
    """Findings where all is as the template says, but for these changes."""
    right = {name: Template(stack).properties(name) for name in (FUNCTION, MACHINE)}
    function = right[FUNCTION] | {"State": "Active", "VpcConfig": {"SubnetIds": [], "VpcId": ""}}
    says = right[MACHINE]
    machine = {
        "type": says["StateMachineType"],
        "status": "ACTIVE",
        "roleArn": says["RoleArn"],
        "loggingConfiguration": says["LoggingConfiguration"],
        "tracingConfiguration": {"enabled": True},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }
    answers: dict[str, Any] = {
        "get_function_configuration": function | changes,
        "get_function_concurrency": {},
        "get_function_recursion_config": {"RecursiveLoop": loops},
        "describe_state_machine": machine | changes,
    }
    aws: Any = SimpleNamespace(read=lambda _, operation, **__: answers[operation])
    return list(comparison.check(aws, stack, kind))


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("Lambda::Function", {}, ("OK", "version that the queue invokes")),
        ("Lambda::Function", {"State": "Failed"}, ("WRONG", f"{FUNCTION} State")),
        ("Lambda::Function", {"VpcConfig": OF_VPC}, ("WRONG", f"{FUNCTION} VpcConfig")),
        ("Lambda::Function", {"loops": "Terminate"}, ("WRONG", f"{FUNCTION} RecursiveLoop")),
        ("StepFunctions::StateMachine", {}, ("OK", "tracker")),
        ("StepFunctions::StateMachine", {"status": "DELETING"}, ("WRONG", f"{MACHINE} Status")),
        (
            "StepFunctions::StateMachine",
            {"encryptionConfiguration": ENCRYPTED},
            ("WARNING", f"{MACHINE} EncryptionConfiguration"),
        ),
    ],
)
def test_what_is_compared_with_the_template(
    kind: str, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert summary(compared(f"AWS::{kind}", deployed(), **changes)) == {expected}


def test_parameter_that_never_reached_the_version_in_use() -> None:
    stack = deployed(**VPC)
    missing, described = compared("AWS::Lambda::Function", stack), "publishes a version"
    [finding] = [one for one in missing if one.subject.endswith("VpcConfig")]
    assert VPC["VpcSubnetIds"].split(",")[0] in finding.fact and described in finding.action
    assert compared("AWS::Lambda::Function", stack, VpcConfig=OF_VPC)[0].status == "OK"


def test_rule_on_another_bus_and_what_only_aws_knows() -> None:
    """All else that the template has is evaluated for tests/template and for a healthy stack."""
    stack = replace(deployed(), resources={"PaymentTimeoutRule": "bus|rule"})
    value = Template(stack).value
    arn = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/bus/rule"
    assert value({"Fn::GetAtt": "PaymentTimeoutRule.Arn"}) == arn
    assert value({"Fn::Join": ["/", [{"Fn::GetAtt": ["Queue", "Colour"]}, "x"]]}) is UNKNOWN
    assert value([None, {"Ref": "AWS::NoValue"}]) == [None]


def test_resource_is_missed_only_if_its_condition_holds() -> None:
    without = {"DataKmsKeyArn": "", "AlertTopicArn": ""}
    assert "OperatorAlertsKey" in dict(Template(deployed(**without)).resources())
    elsewhere = deployed(AlertTopicArn=OPTIONS["existing topic"]["AlertTopicArn"])
    assert "OperatorAlertsKey" not in dict(Template(elsewhere).resources())


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
