"""The stack in an account: what its policies say once every reference has its ARN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from doctor.deployment.template import UNKNOWN
from tests.template.deployed import Deployed
from tests.template.evaluated import ACCOUNT, REGION, STACK, evaluator
from tests.template.policies.calls import EXECUTION, MACHINE
from tests.template.references import only

# Whose physical id is their ARN.
_BY_ARN: Final = {
    "SNS::Topic": "sns:{}:{}:",
    "StepFunctions::StateMachine": "states:{}:{}:stateMachine:",
}
# Policies of resources, and where they say of which.
_OF_RESOURCES: Final = {"SQS::QueuePolicy": "Queues", "SNS::TopicPolicy": "Topics"}

type Statement = dict[str, Any]


class Place(NamedTuple):
    """Where a policy stands."""

    kind: str
    """`identity`: what a role may do; `resource`: who may do what on a resource (of a role:
    who may assume it)."""
    name: str
    """Logical id of the role or the resource, or the parameter that names it."""


@dataclass(frozen=True)
class Account:
    """Statements by place, and what each name is worth as an ARN."""

    statements: Mapping[Place, list[Statement]]
    arns: Mapping[str, str]
    parameters: Mapping[str, str]

    def changed(self, place: Place, statements: list[Statement]) -> Account:
        return replace(self, statements={**self.statements, place: statements})


def load(template: Deployed) -> Account:
    """The policies of a translated template."""
    physical = {name: f"{STACK}-{name}" for name in template.template["Resources"]}
    for kind, pattern in _BY_ARN.items():
        for name, _ in template.of_type(kind):
            physical[name] = f"arn:aws:{pattern.format(REGION, ACCOUNT)}{physical[name]}"
    evaluated = evaluator(template.template, template.parameters, physical)
    every = {name: evaluated.value({"Fn::GetAtt": [name, "Arn"]}) for name in physical}
    arns = {name: arn for name, arn in every.items() if arn is not UNKNOWN}
    # What the stack is given by a parameter.
    arns |= {
        name: value
        for name, value in template.parameters.items()
        if value.startswith(("arn:aws:kms:", "arn:aws:sns:", "arn:aws:secretsmanager:"))
    }
    bus = template.parameters.get("OutcomeBusName", "default")
    arns["OutcomeBusName"] = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}"
    arns[EXECUTION] = f"{arns[MACHINE].replace(':stateMachine:', ':execution:')}:a-payment"
    statements = {
        place: evaluated.value(document["Statement"]) for place, document in _documents(template)
    }
    return Account(statements, arns, template.parameters)


def _documents(template: Deployed) -> Iterator[tuple[Place, dict[str, Any]]]:
    for name, role in template.of_type("IAM::Role"):
        assert "ManagedPolicyArns" not in role, f"{name}: a policy that is not written out"
        [policy] = role["Policies"]
        yield Place("identity", name), policy["PolicyDocument"]
        # A trust policy has no Resource: it is its role's.
        yield Place("resource", name), role["AssumeRolePolicyDocument"]
    for kind, names in _OF_RESOURCES.items():
        for _, policy in template.of_type(kind):
            yield Place("resource", only(policy[names])), policy["PolicyDocument"]
    for name, key in template.of_type("KMS::Key"):
        yield Place("resource", name), key["KeyPolicy"]
