"""Rules of the roles: each action is one that is called, each call has its action."""

from __future__ import annotations

from typing import Any

from tests.template import tracker
from tests.template.deployed import FUNCTION, STATE_MACHINE, Deployed
from tests.template.references import listed, only, referred, statements

type Grants = set[tuple[str, str]]
"""IAM action and what it is allowed on: a logical id, a parameter, or `*`."""

# Calls that AWS itself makes with the role, so that no call of the code shows them.
BY_AWS_FOR_THE_FUNCTION: Grants = {
    # The event source mapping polls and deletes with the function's role.
    ("sqs:ReceiveMessage", "PaymentTimeoutsQueue"),
    ("sqs:DeleteMessage", "PaymentTimeoutsQueue"),
    ("sqs:GetQueueAttributes", "PaymentTimeoutsQueue"),
    # Secrets Manager decrypts on behalf of whoever reads the secret, as do SQS, Lambda (the
    # environment) and Step Functions.
    ("kms:Decrypt", "CredentialsKmsKeyArn"),
    ("kms:Decrypt", "DataKmsKeyArn"),
    ("kms:GenerateDataKey", "DataKmsKeyArn"),
    # The Lambda service writes the log and the trace.
    ("logs:CreateLogStream", "CancelPaymentLogGroup"),
    ("logs:PutLogEvents", "CancelPaymentLogGroup"),
    ("xray:PutTraceSegments", "*"),
    ("xray:PutTelemetryRecords", "*"),
}
# docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
BY_AWS_IN_A_VPC: Grants = {
    ("ec2:CreateNetworkInterface", "*"),
    ("ec2:DescribeNetworkInterfaces", "*"),
    ("ec2:DescribeSubnets", "*"),
    ("ec2:DeleteNetworkInterface", "*"),
    ("ec2:AssignPrivateIpAddresses", "*"),
    ("ec2:UnassignPrivateIpAddresses", "*"),
}
# docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html and concepts-xray-tracing.html
BY_AWS_FOR_THE_TRACKER: Grants = {
    ("kms:Decrypt", "DataKmsKeyArn"),
    ("kms:GenerateDataKey", "DataKmsKeyArn"),
    ("logs:CreateLogDelivery", "*"),
    ("logs:GetLogDelivery", "*"),
    ("logs:UpdateLogDelivery", "*"),
    ("logs:DeleteLogDelivery", "*"),
    ("logs:ListLogDeliveries", "*"),
    ("logs:PutResourcePolicy", "*"),
    ("logs:DescribeResourcePolicies", "*"),
    ("logs:DescribeLogGroups", "*"),
    ("xray:PutTraceSegments", "*"),
    ("xray:PutTelemetryRecords", "*"),
    ("xray:GetSamplingRules", "*"),
    ("xray:GetSamplingTargets", "*"),
}
# The key has several values in one call, so that only a set operator says anything; without any
# value that operator holds.
ONE_SOURCE = {
    "ForAllValues:StringEquals": {"events:source": "alipayplus.cancelPayment"},
    "Null": {"events:source": "false"},
}
# Pseudo parameters say where, not what.
_PSEUDO = "AWS::"


def function_may_do_what_it_calls(deployed: Deployed, called: Grants) -> list[str]:
    """Both ways; `called` comes from a run of the function."""
    by_aws = BY_AWS_FOR_THE_FUNCTION
    if "VpcConfig" in deployed.properties(FUNCTION):
        by_aws = by_aws | BY_AWS_IN_A_VPC
    return _compare(deployed, FUNCTION, called | by_aws)


def tracker_may_do_what_it_calls(deployed: Deployed) -> list[str]:
    called = tracker.calls(deployed) | BY_AWS_FOR_THE_TRACKER
    return _compare(deployed, STATE_MACHINE, called)


def roles_are_trusted_by_one_service(deployed: Deployed) -> list[str]:
    found = []
    for name, role in deployed.of_type("IAM::Role"):
        for statement in statements(role["AssumeRolePolicyDocument"]):
            if len(listed(statement["Principal"].get("Service", []))) != 1:
                found.append(f"{name}: may be assumed by more than one service")
    return found


def events_are_published_under_one_source(deployed: Deployed) -> list[str]:
    """Whoever takes over the role still cannot invent the acquirer's payment events."""
    return [
        f"{name}: {statement.get('Sid')} may publish under any source"
        for name, role in deployed.of_type("IAM::Role")
        for policy in role.get("Policies", [])
        for statement in statements(policy["PolicyDocument"])
        if "events:PutEvents" in listed(statement["Action"])
        and statement.get("Condition") != ONE_SOURCE
    ]


def every_role_is_bounded(deployed: Deployed) -> list[str]:
    """CodeDeploy's too, which SAM would make without."""
    return [
        f"{name}: ignores the permissions boundary"
        for name, role in deployed.of_type("IAM::Role")
        if deployed.parameters.get("PermissionsBoundaryArn")
        and referred(role.get("PermissionsBoundary", [])) != {"PermissionsBoundaryArn"}
    ]


def _compare(deployed: Deployed, user: str, called: Grants) -> list[str]:
    properties = deployed.properties(user)
    role = deployed.properties(only(properties.get("Role") or properties["RoleArn"]))
    granted = _granted(role)
    # What is encrypted under no key of the company's own needs no right on one.
    parameters = deployed.template["Parameters"]
    called = {
        (action, on)
        for action, on in called
        if deployed.parameters.get(on) or parameters.get(on, {}).get("Default") != ""
    }
    found = [f"{user}: may {a} on {on}, which it never calls" for a, on in sorted(granted - called)]
    found += [f"{user}: calls {a} on {on}, which it may not" for a, on in sorted(called - granted)]
    if role.get("ManagedPolicyArns"):
        found.append(f"{user}: a managed policy grants more than anybody listed")
    return found


def _granted(role: dict[str, Any]) -> Grants:
    return {
        (action, subject)
        for policy in role.get("Policies", [])
        for statement in statements(policy["PolicyDocument"])
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        for subject in _subjects(resource)
    }


def _subjects(resource: Any) -> set[str]:
    if isinstance(resource, str):
        return {resource}
    return {name for name in referred(resource) if not name.startswith(_PSEUDO)} or {"*"}
