"""Rules of the template as a whole: what it asks for, what it keeps, what it allows everywhere."""

from __future__ import annotations

import re

from tests.template.deployed import Deployed
from tests.template.references import referred

# What a payment or its trail may lie in; all else can be made again.
_STATEFUL = ("SQS::Queue", "Logs::LogGroup", "KMS::Key")
_WILDCARD = re.compile(r"""(Resource|Principal): ["']?\*["']?\s*(?P<why>#.*)?$""")

_OF_ONE_PARTITION = re.compile(r"arn:aws:|amazonaws\.com|aws\.amazon\.com")
# A principal without a region, an example in a description, and the domains by partition.
_IN_EVERY_PARTITION = re.compile(
    r"Principal: \{ Service: [a-z]+\.amazonaws\.com \}|must be the full ARN"
    r"|cloudwatch\.amazonaws\.com publish|aws: \{ Domain:"
)


def every_parameter_is_explained_and_checked(deployed: Deployed) -> list[str]:
    interface = deployed.template["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    checks = {"AllowedPattern", "AllowedValues", "MinValue"}
    used = referred([deployed.template[part] for part in ("Conditions", "Resources")])
    parameters = deployed.template["Parameters"]
    found = [
        f"{name}: {fault}"
        for name, parameter in parameters.items()
        for fault, there in {
            "not described": not parameter.get("Description"),
            "takes anything": not checks & parameter.keys(),
            "in no group, or in two": grouped.count(name) != 1,
            "without a label": name not in interface["ParameterLabels"],
            # Monitoring and GradualDeployment go into conditions and into the transform.
            "not used": name not in used and f"!Ref {name}" not in deployed.source,
        }.items()
        if there
    ]
    return found + [f"{name}: no such parameter" for name in grouped if name not in parameters]


def every_wildcard_is_explained(deployed: Deployed) -> list[str]:
    """Beside it, in the template itself."""
    return [
        f"line {number}: {line.strip()}"
        for number, line in enumerate(deployed.source.splitlines(), 1)
        for match in [_WILDCARD.search(line)]
        if match and not match["why"]
    ]


def what_holds_payments_says_what_becomes_of_it(deployed: Deployed) -> list[str]:
    return [
        f"{name}: neither kept nor deleted on purpose"
        for name, resource in deployed.template["Resources"].items()
        if resource["Type"].removeprefix("AWS::") in _STATEFUL
        and not {"DeletionPolicy", "UpdateReplacePolicy"} <= resource.keys()
    ]


def kept_things_leave_their_name_free(deployed: Deployed) -> list[str]:
    """What outlives the stack must not stand in the way of the next one of that name."""
    names = ("QueueName", "LogGroupName", "TopicName")
    return [
        f"{resource}: is kept, and the next stack of that name cannot make it again"
        for resource, one in deployed.template["Resources"].items()
        if one.get("DeletionPolicy", "Delete") != "Delete"
        for name in names
        if name in one["Properties"] and "AWS::StackId" not in referred(one["Properties"][name])
    ]


def every_role_is_bounded(deployed: Deployed) -> list[str]:
    """CodeDeploy's too, which SAM would make without."""
    return [
        f"{name}: ignores the permissions boundary"
        for name, role in deployed.of_type("IAM::Role")
        if deployed.parameters.get("PermissionsBoundaryArn")
        and referred(role.get("PermissionsBoundary", [])) != {"PermissionsBoundaryArn"}
    ]


def every_log_is_kept_for_the_chosen_time(deployed: Deployed) -> list[str]:
    return [
        f"{name}: kept for ever, or for a time of its own"
        for name, group in deployed.of_type("Logs::LogGroup")
        if referred(group.get("RetentionInDays", [])) != {"LogRetentionDays"}
    ]


def nothing_names_one_partition(deployed: Deployed) -> list[str]:
    """China's ARNs, hosts and services of CodeDeploy and KMS are others than those of `aws`."""
    return [
        f"line {number}: {line.strip()}"
        for number, line in enumerate(deployed.source.splitlines(), 1)
        for text in [line.partition(" #")[0]]
        if _OF_ONE_PARTITION.search(text) and not _IN_EVERY_PARTITION.search(text)
    ]


def every_output_is_described(deployed: Deployed) -> list[str]:
    return [
        f"{name}: not described"
        for name, output in deployed.template["Outputs"].items()
        if not output.get("Description")
    ]
