"""Rules of the template as a whole: what it asks for, what it keeps, what it allows everywhere.

That what holds payments says what becomes of it, and how long it keeps them, cfn-lint finds.
"""

from __future__ import annotations

import re

from tests.template.deployed import Deployed
from tests.template.references import referred

_WILDCARD = re.compile(r"""(Resource|Principal): ["']?\*["']?\s*$""")
_OF_ONE_PARTITION = re.compile(r"arn:aws:|amazonaws\.com|aws\.amazon\.com")
# A principal without a region, an example in a description, and the domains by partition.
_IN_EVERY_PARTITION = re.compile(
    r"Principal: \{ Service: [a-z]+\.amazonaws\.com \}|must be the full ARN"
    r"|cloudwatch\.amazonaws\.com publish|aws: \{ Domain:"
)
_KEPT = {
    *("OperatorCasesQueue", "PaymentTimeoutsDeadLetterQueue", "RefundDeadLetterQueue"),
    *("RefundQueue", "UndeliveredEventsQueue"),
    *("CancelPaymentLogGroup", "CancelUntilCutoffLogGroup"),
}
_CHECKS = {"AllowedPattern", "AllowedValues", "MinValue"}


def every_parameter_is_explained_and_checked(deployed: Deployed) -> list[str]:
    interface = deployed.template["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    return [
        f"{name}: not described, not checked, not labelled, in no group, or not used"
        for name, parameter in deployed.template["Parameters"].items()
        if not parameter.get("Description")
        or not _CHECKS & parameter.keys()
        or grouped.count(name) != 1
        or name not in interface["ParameterLabels"]
        or not re.search(rf"(!Ref |\$\{{){name}\b", deployed.source)
    ]


def every_wildcard_is_explained(deployed: Deployed) -> list[str]:
    """Beside it, in the template itself."""
    return [line.strip() for line in deployed.source.splitlines() if _WILDCARD.search(line)]


def only_this_outlives_the_stack(deployed: Deployed) -> list[str]:
    """What holds payments, refunds and cases, and the logs: also where a change replaces it."""
    kept = {
        name
        for name, one in deployed.template["Resources"].items()
        if "Retain" in one.get("DeletionPolicy", "") and one.get("UpdateReplacePolicy") == "Retain"
    }
    return [f"{name}: is kept or deleted by mistake" for name in kept ^ _KEPT]


def kept_things_leave_their_name_free(deployed: Deployed) -> list[str]:
    """What outlives the stack must not stand in the way of the next one of that name."""
    return [
        f"{resource}: is kept, and the next stack of that name cannot make it again"
        for resource, one in deployed.template["Resources"].items()
        if one.get("DeletionPolicy", "Delete") != "Delete"
        for name in {"QueueName", "LogGroupName", "TopicName"} & one["Properties"].keys()
        if "AWS::StackId" not in referred(one["Properties"][name])
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
    lines = [line.partition(" #")[0].strip() for line in deployed.source.splitlines()]
    return [
        line
        for line in lines
        if _OF_ONE_PARTITION.search(line) and not _IN_EVERY_PARTITION.search(line)
    ]


def every_output_is_described(deployed: Deployed) -> list[str]:
    outputs = deployed.template["Outputs"].items()
    return [f"{name}: not described" for name, one in outputs if not one.get("Description")]
