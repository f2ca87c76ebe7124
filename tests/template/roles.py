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
    # Secrets Manager decrypts on behalf of whoever reads the secret.
    ("kms:Decrypt", "CredentialsKmsKeyArn"),
    # The Lambda service writes the log and the trace.
    ("logs:CreateLogStream", "CancelPaymentLogGroup"),
    ("logs:PutLogEvents", "CancelPaymentLogGroup"),
    ("xray:PutTraceSegments", "*"),
    ("xray:PutTelemetryRecords", "*"),
}
# docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html and concepts-xray-tracing.html
BY_AWS_FOR_THE_TRACKER: Grants = {
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
# Pseudo parameters say where, not what.
_PSEUDO = "AWS::"


def function_may_do_what_it_calls(deployed: Deployed, called: Grants) -> list[str]:
    """Both ways; `called` comes from a run of the function."""
    return _compare(deployed, FUNCTION, called | BY_AWS_FOR_THE_FUNCTION)


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
        and statement.get("Condition")
        != {"StringEquals": {"events:source": "alipayplus.cancelPayment"}}
    ]


def _compare(deployed: Deployed, user: str, called: Grants) -> list[str]:
    properties = deployed.properties(user)
    role = deployed.properties(only(properties.get("Role") or properties["RoleArn"]))
    granted = _granted(role)
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
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        for subject in _subjects(resource)
    }


def _subjects(resource: Any) -> set[str]:
    if isinstance(resource, str):
        return {resource}
    return {name for name in referred(resource) if not name.startswith(_PSEUDO)} or {"*"}
