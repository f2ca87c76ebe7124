"""The stack as CloudFormation knows it: the one place where names of resources come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from doctor.aws import Aws
from doctor.failures import Missing, Refused
from doctor.finding import Finding

_SUBJECT = "stack"
_OF_THIS_TEMPLATE = ("GatewayUrl", "CredentialsSecretArn", "MaximumConcurrency", "OutcomeBusName")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One stack.

    Attributes
    ----------
    resources
        Physical ids by logical ids.
    emulated
        Whether an emulation of AWS holds it, which does not keep every setting.
    """

    name: str
    arn: str
    status: str
    parameters: Mapping[str, str]
    resources: Mapping[str, str]
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

    def chosen(self, parameter: str) -> set[str]:
        """The values of a parameter that may be a list, or empty."""
        return {one for one in self.parameters.get(parameter, "").split(",") if one}

    @property
    def alert_topic(self) -> str:
        """ARN of the topic that the alarms tell, the stack's own or the company's."""
        return self.parameters.get("AlertTopicArn") or self.resource("OperatorAlertsTopic")

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    def arn_of(self, service: str, name: str) -> str:
        """The ARN of something of this account and region."""
        partition = self.arn.split(":")[1]
        return f"arn:{partition}:{service}:{self.region}:{self.account}:{name}"


def find(aws: Aws, name: str) -> Deployment:
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
    return Deployment(
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
        emulated=aws.emulated,
    )


def not_found(name: str, region: str, why: Missing | Refused) -> Finding:
    """The finding in place of all others when the stack cannot be had."""
    if isinstance(why, Refused):
        return Finding.unknown(
            _SUBJECT,
            f"could not be checked: {why} is not allowed",
            "ask for the rights that the runbook's section Doctor lists",
        )
    return Finding.wrong(
        _SUBJECT,
        f"there is no stack {name} in region {region} of this account",
        "give the stack's name, and the region and profile it was deployed with "
        "(AWS_REGION, AWS_PROFILE)",
    )


def is_ours(deployment: Deployment) -> bool:
    """Whether it was made from this project's template."""
    return all(name in deployment.parameters for name in _OF_THIS_TEMPLATE)


def judge(deployment: Deployment) -> Iterator[Finding]:
    status = deployment.status
    if not is_ours(deployment):
        yield Finding.wrong(
            _SUBJECT,
            f"{deployment.name} was not made from this template",
            "give the name of the stack that cancels payments",
        )
    elif status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
        where = "an emulated AWS" if deployment.emulated else f"account {deployment.account}"
        yield Finding.ok(_SUBJECT, f"{status}, in {where}, region {deployment.region}")
    elif status == "UPDATE_ROLLBACK_COMPLETE":
        yield Finding.warning(
            _SUBJECT,
            "the last deployment was undone; the one before it runs",
            "read the stack's events, fix the cause, deploy again",
        )
    elif status.endswith("_IN_PROGRESS"):
        yield Finding.warning(
            _SUBJECT,
            f"{status}: a deployment is under way",
            "ask again when it has ended; what follows may change until then",
        )
    else:
        yield Finding.wrong(
            _SUBJECT,
            f"its state is {status}",
            "read the stack's events in CloudFormation, fix the cause, deploy again",
        )
