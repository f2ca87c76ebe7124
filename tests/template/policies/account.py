"""The stack in an account: what its policies say once every reference has its ARN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from tests.template.deployed import Deployed
from tests.template.evaluated import resolved
from tests.template.policies.calls import ACCOUNT, EXECUTION, MACHINE, REGION, STACK
from tests.template.references import only

# The part of an ARN after the service, of a resource of that name.
_ARNS: Final = {
    "SQS::Queue": f"sqs:{REGION}:{ACCOUNT}:{{}}",
    "SNS::Topic": f"sns:{REGION}:{ACCOUNT}:{{}}",
    "KMS::Key": f"kms:{REGION}:{ACCOUNT}:key/{{}}",
    "IAM::Role": f"iam::{ACCOUNT}:role/{{}}",
    "Events::Rule": f"events:{REGION}:{ACCOUNT}:rule/{{}}",
    "Lambda::Function": f"lambda:{REGION}:{ACCOUNT}:function:{{}}",
    "Logs::LogGroup": f"logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
    "StepFunctions::StateMachine": f"states:{REGION}:{ACCOUNT}:stateMachine:{{}}",
    "CloudWatch::Alarm": f"cloudwatch:{REGION}:{ACCOUNT}:alarm:{{}}",
}
# Whose Ref is their ARN, not their name.
_BY_ARN: Final = {"SNS::Topic", "StepFunctions::StateMachine"}
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
    arns = {
        name: f"arn:aws:{pattern.format(f'{STACK}-{name}')}"
        for kind, pattern in _ARNS.items()
        for name, _ in template.of_type(kind)
    }
    known = {f"{name}.Arn": arn for name, arn in arns.items()}
    for name in arns:
        known[name] = known[f"{name}.Name"] = f"{STACK}-{name}"
    known |= {name: arns[name] for name, _ in template.of_type(*_BY_ARN)}
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
        place: resolved(document["Statement"], template.template, template.parameters, known)
        for place, document in _documents(template)
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
