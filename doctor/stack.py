"""The stack as CloudFormation knows it: its state, parameters, resources and template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from doctor.aws import Aws
from doctor.failures import Missing
from doctor.finding import Finding

SUBJECT = "stack"
_OF_THIS_TEMPLATE = ("GatewayUrl", "CredentialsSecretArn", "MaximumConcurrency", "OutcomeBusName")

_READ_EVENTS = "read the stack's events in CloudFormation, fix the cause, deploy again"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack.

    Attributes
    ----------
    resources
        Physical ids by logical ids.
    template
        After its transform: JSON, with its intrinsic functions.
    emulated
        Whether an emulation of AWS holds it, which does not keep every setting.
    """

    name: str
    arn: str
    status: str
    parameters: Mapping[str, str]
    resources: Mapping[str, str]
    template: Mapping[str, Any] = field(default_factory=dict)
    emulated: bool = False

    def resource(self, logical_id: str) -> str:
        """The physical id of a resource.

        Raises
        ------
        Missing
            The stack has no such resource.
        """
        try:
            return self.resources[logical_id]
        except KeyError:
            raise Missing(f"the stack's resource {logical_id}") from None

    @property
    def alert_topic(self) -> str:
        """ARN of the topic that the alarms tell, the stack's own or the company's."""
        return self.parameters.get("AlertTopicArn") or self.resource("OperatorAlertsTopic")

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]


def find(aws: Aws, name: str) -> Stack:
    """Ask CloudFormation for the stack of that name.

    Raises
    ------
    ReadError, Unusable
        It cannot be read; `Missing` when there is none.
    """
    stack = aws.read("cloudformation", "describe_stacks", StackName=name)["Stacks"][0]
    entries = aws.read_all(
        "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=name
    )
    template = aws.read(
        "cloudformation", "get_template", StackName=name, TemplateStage="Processed"
    )["TemplateBody"]
    return Stack(
        name=stack["StackName"],
        arn=stack["StackId"],
        status=stack["StackStatus"],
        parameters={
            one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])
        },
        resources={
            one["LogicalResourceId"]: one.get("PhysicalResourceId", "")
            for one in entries
            if not one["ResourceStatus"].startswith("DELETE")
        },
        # After a transform it is JSON, which boto3 parses. A text is no template of ours.
        template=template if isinstance(template, dict) else {},
        emulated=aws.emulated,
    )


def not_found(name: str, region: str) -> Finding:
    """The finding in place of all others when there is no such stack."""
    return Finding.wrong(
        SUBJECT,
        f"there is no stack {name} in region {region} of this account",
        "give the stack's name, and the region and profile it was deployed with "
        "(AWS_REGION, AWS_PROFILE)",
    )


def is_ours(stack: Stack) -> bool:
    """Whether it was made from this project's template."""
    return all(name in stack.parameters for name in _OF_THIS_TEMPLATE)


def judge(stack: Stack) -> Iterator[Finding]:
    status = stack.status
    if not is_ours(stack):
        fact = f"{stack.name} was not made from this template"
        yield Finding.wrong(SUBJECT, fact, "give the name of the stack that cancels payments")
    elif status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
        where = "an emulated AWS" if stack.emulated else f"account {stack.account}"
        yield Finding.ok(SUBJECT, f"{status}, in {where}, region {stack.region}")
    elif status == "UPDATE_ROLLBACK_COMPLETE":
        fact = f"{status}: the last deployment was undone; the one before it runs"
        yield Finding.warning(SUBJECT, fact, _READ_EVENTS)
    elif status.endswith("_IN_PROGRESS"):
        fact = f"{status}: a deployment is under way, and what follows may change"
        yield Finding.warning(SUBJECT, fact, "ask again when it has ended")
    else:
        yield Finding.wrong(SUBJECT, f"its state is {status}", _READ_EVENTS)
