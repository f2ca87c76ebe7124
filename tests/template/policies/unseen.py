"""Calls that no run of an emulator shows.

By AWS itself, each with the page that says so, and by the people who work with the stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.template.policies.account import ACCOUNT, REGION, STACK, Account
from tests.template.policies.calls import Call

FUNCTION: Final = "CancelPaymentRole"
TRACKER: Final = "CancelUntilCutoffRole"
DEPLOYMENT: Final = "ShiftTrafficRole"
STREAM: Final = (
    f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{STACK}-CancelPaymentLogGroup:log-stream:2026"
)
ALARM: Final = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{STACK}-DeadLettersAlarm"
_INTERFACE: Final = f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-0123"
_FUNCTION_ARN: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{STACK}-CancelPaymentFunction"
# Somebody of the account; the stack has no role for people.
ADMINISTRATOR: Final = f"arn:aws:iam::{ACCOUNT}:role/Administrator"


def calls(account: Account) -> list[Call]:
    """Those of the stack as it is with its parameters."""
    every = [
        *_roles_are_assumed(),
        *_around_the_function(),
        *_around_the_tracker(),
        *_of_a_deployment(),
        *_deliveries_that_failed(account),
        *_alarms(),
        *_people(account),
    ]
    if not account.parameters.get("VpcSubnetIds"):
        every = [one for one in every if not one.action.startswith("ec2:")]
    if not account.parameters.get("AlertEmail"):
        every = [one for one in every if one.by != "sns.amazonaws.com"]
    return every


def _roles_are_assumed() -> Iterator[Call]:
    yield Call("lambda.amazonaws.com", "sts:AssumeRole", FUNCTION)
    # docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
    source = {"aws:SourceAccount": ACCOUNT}
    yield Call("states.amazonaws.com", "sts:AssumeRole", TRACKER, source)
    # docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
    yield Call(f"codedeploy.{REGION}.amazonaws.com", "sts:AssumeRole", DEPLOYMENT)


def _around_the_function() -> Iterator[Call]:
    # The event source mapping: docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        yield Call(FUNCTION, f"sqs:{name}", "PaymentTimeoutsQueue")
    # docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    context = {
        "kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com",
        "kms:EncryptionContext:SecretARN": "CredentialsSecretArn",
    }
    yield Call(FUNCTION, "kms:Decrypt", "CredentialsKmsKeyArn", context)
    # docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    for name in ("Decrypt", "GenerateDataKey"):
        yield Call(FUNCTION, f"kms:{name}", "DataKmsKeyArn")
    # docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
    yield Call(FUNCTION, "logs:CreateLogStream", STREAM)
    yield Call(FUNCTION, "logs:PutLogEvents", STREAM)
    # docs.aws.amazon.com/lambda/latest/dg/services-xray.html
    yield Call(FUNCTION, "xray:PutTraceSegments", "*")
    yield Call(FUNCTION, "xray:PutTelemetryRecords", "*")
    # docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    for name in ("DescribeNetworkInterfaces", "DescribeSubnets"):
        yield Call(FUNCTION, f"ec2:{name}", "*")
    for name in (
        "CreateNetworkInterface",
        "DeleteNetworkInterface",
        "AssignPrivateIpAddresses",
        "UnassignPrivateIpAddresses",
    ):
        yield Call(FUNCTION, f"ec2:{name}", _INTERFACE)


def _around_the_tracker() -> Iterator[Call]:
    for name in ("Decrypt", "GenerateDataKey"):
        yield Call(TRACKER, f"kms:{name}", "DataKmsKeyArn")
    # docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    for name in (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    ):
        yield Call(TRACKER, f"logs:{name}", "*")
    # docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
    for name in (
        "PutTraceSegments",
        "PutTelemetryRecords",
        "GetSamplingRules",
        "GetSamplingTargets",
    ):
        yield Call(TRACKER, f"xray:{name}", "*")


def _of_a_deployment() -> Iterator[Call]:
    # AWSCodeDeployRoleForLambdaLimited, less what needs a hook or a bucket
    yield Call(DEPLOYMENT, "lambda:GetAlias", f"{_FUNCTION_ARN}:live")
    yield Call(DEPLOYMENT, "lambda:UpdateAlias", _FUNCTION_ARN)
    yield Call(DEPLOYMENT, "lambda:GetProvisionedConcurrencyConfig", f"{_FUNCTION_ARN}:live")
    yield Call(DEPLOYMENT, "cloudwatch:DescribeAlarms", ALARM)


def _deliveries_that_failed(account: Account) -> Iterator[Call]:
    # docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    queue = "UndeliveredEventsQueue"
    for name, arn in account.arns.items():
        if ":rule/" in arn:
            yield Call("events.amazonaws.com", "sqs:SendMessage", queue, {"aws:SourceArn": name})
    # docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
    topic = {"aws:SourceArn": "OperatorAlertsTopic"}
    yield Call("sns.amazonaws.com", "sqs:SendMessage", queue, topic)


def _alarms() -> Iterator[Call]:
    # docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html and
    # docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    keys = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": ALARM}
    yield Call("cloudwatch.amazonaws.com", "sns:Publish", "OperatorAlertsTopic", keys)
    source = {"aws:SourceAccount": ACCOUNT}
    for name in ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "Decrypt"):
        yield Call("cloudwatch.amazonaws.com", f"kms:{name}", "OperatorAlertsKey", source)


def _people(account: Account) -> Iterator[Call]:
    # docs/runbook.md
    for name, arn in account.arns.items():
        if ":sqs:" in arn:
            yield Call(ADMINISTRATOR, "sqs:ReceiveMessage", name)
    # A key whose policy lets nobody of the account in can never be changed again.
    yield Call(ADMINISTRATOR, "kms:PutKeyPolicy", "OperatorAlertsKey")
