"""The stack in an account: what its policies say once every reference has its ARN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from tests.template.deployed import Deployed
from tests.template.evaluated import PSEUDO, resolved
from tests.template.policies.calls import EXECUTION
from tests.template.references import only

ACCOUNT: Final = PSEUDO["AWS::AccountId"]
REGION: Final = PSEUDO["AWS::Region"]
STACK: Final = PSEUDO["AWS::StackName"]

# The part of an ARN after the account, of a resource of that name.
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
# What the stack is given by a parameter.
_GIVEN: Final = (
    "CredentialsSecretArn",
    "CredentialsKmsKeyArn",
    "SigningKeyArn",
    "DataKmsKeyArn",
    "AlertTopicArn",
)

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
    known = dict(_references(template))

    def worth(value: Any) -> Any:
        return resolved(value, template.template, template.parameters, known)

    statements: dict[Place, list[Statement]] = {}
    for name, role in template.of_type("IAM::Role"):
        assert "ManagedPolicyArns" not in role, f"{name}: a policy that is not written out"
        [policy] = role["Policies"]
        statements[Place("identity", name)] = worth(policy["PolicyDocument"]["Statement"])
        trust = role["AssumeRolePolicyDocument"]["Statement"]
        # A trust policy has no Resource: it is its role's.
        statements[Place("resource", name)] = worth(trust)
    for kind, names in {"SQS::QueuePolicy": "Queues", "SNS::TopicPolicy": "Topics"}.items():
        for _, policy in template.of_type(kind):
            place = Place("resource", only(policy[names]))
            statements[place] = worth(policy["PolicyDocument"]["Statement"])
    for name, key in template.of_type("KMS::Key"):
        statements[Place("resource", name)] = worth(key["KeyPolicy"]["Statement"])
    return Account(statements, dict(_arns(template, known)), template.parameters)


def _references(template: Deployed) -> Iterator[tuple[str, str]]:
    """What every Ref and GetAtt of a resource is worth."""
    for name, resource in template.template["Resources"].items():
        own = f"{STACK}-{name}"
        pattern = _ARNS.get(resource["Type"].removeprefix("AWS::"))
        if pattern is None:
            continue
        arn = f"arn:aws:{pattern.format(own)}"
        yield f"{name}.Arn", arn
        yield f"{name}.Name", own
        by_arn = resource["Type"].endswith(("::Topic", "::StateMachine"))
        yield name, arn if by_arn else own


def _arns(template: Deployed, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in template.template["Resources"]:
        if arn := known.get(f"{name}.Arn"):
            yield name, arn
    for name in _GIVEN:
        if given := template.parameters.get(name):
            yield name, given
    bus = template.parameters.get("OutcomeBusName", "default")
    yield "OutcomeBusName", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}"
    machine = known["CancelUntilCutoffStateMachine"]
    yield EXECUTION, f"{machine.replace(':stateMachine:', ':execution:')}:a-payment"
