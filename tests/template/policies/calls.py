"""The calls of AWS that the stack needs, as IAM sees them.

The function's are a table: `test_policies` holds to it the code, and what a batch that has every
effect asks of AWS. Those of the tracker and of rules follow from the template. `unseen` are those
by AWS itself, each with the page that says so, and by the people who work with the stack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.template.deployed import STATE_MACHINE as MACHINE
from tests.template.deployed import Deployed
from tests.template.evaluated import ACCOUNT, REGION, STACK
from tests.template.references import only

if TYPE_CHECKING:
    from tests.template.policies.account import Account

# Who asks, and what the template calls it.
FUNCTION: Final = "CancelPaymentRole"
TRACKER: Final = "CancelUntilCutoffRole"
DEPLOYMENT: Final = "ShiftTrafficRole"
RULES: Final = "events.amazonaws.com"
ALARMS: Final = "cloudwatch.amazonaws.com"
# Somebody of the account; the stack has no role for people.
ADMINISTRATOR: Final = f"arn:aws:iam::{ACCOUNT}:role/Administrator"

QUEUE: Final = "PaymentTimeoutsQueue"
EXECUTION: Final = f"{MACHINE}:execution"
STREAM: Final = (
    f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{STACK}-CancelPaymentLogGroup:log-stream:2026"
)
ALARM: Final = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{STACK}-DeadLettersAlarm"
_INTERFACE: Final = f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-0123"
_LAMBDA: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{STACK}-CancelPaymentFunction"

type Keys = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Call:
    """Who asks for what, on what.

    `by` and `on` are the template's names, so that a call of one stack is one of any: a role's
    logical id or a service's name; a resource's logical id, the parameter that holds its ARN or
    name, or an ARN. `keys` are the condition keys that follow from the call itself.
    """

    by: str
    action: str
    on: str
    keys: Keys = field(default_factory=dict)

    def __str__(self) -> str:
        keys = "".join(f", {name} {value}" for name, value in sorted(self.keys.items()))
        return f"{self.by}: {self.action} on {self.on}{keys}"

    def __hash__(self) -> int:
        return hash(str(self))


def each(by: str, actions: str, on: str, **keys: str | tuple[str, ...]) -> Iterator[Call]:
    """One call for each action of a service (`sqs:SendMessage DeleteMessage`); `keys` with `_` for
    `:` in their names."""
    service, _, names = actions.partition(":")
    for name in names.split():
        found = {key.replace("_", ":"): one for key, one in keys.items()}
        yield Call(by, f"{service}:{name}", on, found)


_OURS: Final = ("alipayplus.cancelPayment",)
OF_THE_FUNCTION: Final = [
    *each(FUNCTION, "secretsmanager:GetSecretValue", "CredentialsSecretArn"),
    *each(FUNCTION, "kms:Sign", "SigningKeyArn", kms_SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256"),
    *each(FUNCTION, "sqs:ChangeMessageVisibility", QUEUE),
    *each(FUNCTION, "sqs:SendMessage", "PaymentTimeoutsDeadLetterQueue"),
    *each(FUNCTION, "events:PutEvents", "OutcomeBusName", events_source=_OURS),
    *each(FUNCTION, "states:StartExecution SendTaskSuccess SendTaskFailure", MACHINE),
    *each(FUNCTION, "states:DescribeExecution", EXECUTION),
]


def of_the_template(template: Deployed) -> Iterator[Call]:
    """Those of the state machine's tasks, of rules to their targets, and of what failed."""
    given = template.properties(MACHINE)["DefinitionSubstitutions"]
    for task in template.definition["States"].values():
        if task["Type"] == "Task":
            service, operation = task["Resource"].split(":")[5:7]
            action = f"{service}:{operation[0].upper()}{operation[1:].partition('.')[0]}"
            sent = task["Arguments"]
            [sent] = sent.get("Entries", [sent])
            on = only(given[(sent.get("QueueUrl") or sent["EventBusName"]).strip("${}")])
            keys = {"events:source": (sent["Source"],)} if "Source" in sent else {}
            yield Call(TRACKER, action, on, keys)
    for name, rule in template.of_type("Events::Rule"):
        for target in rule["Targets"]:
            # docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
            for queue in (target["Arn"], target["DeadLetterConfig"]["Arn"]):
                yield from each(RULES, "sqs:SendMessage", only(queue), aws_SourceArn=name)
    for _, one in template.of_type("SNS::Subscription"):
        # docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
        queue, topic = only(one["RedrivePolicy"]["deadLetterTargetArn"]), only(one["TopicArn"])
        yield from each("sns.amazonaws.com", "sqs:SendMessage", queue, aws_SourceArn=topic)


def unseen(account: Account) -> Iterator[Call]:
    """Those of the stack as it is with its parameters."""
    yield from each("lambda.amazonaws.com", "sts:AssumeRole", FUNCTION)
    # The event source mapping: docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    yield from each(FUNCTION, "sqs:ReceiveMessage DeleteMessage GetQueueAttributes", QUEUE)
    # docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    context = {
        "kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com",
        "kms:EncryptionContext:SecretARN": "CredentialsSecretArn",
    }
    yield Call(FUNCTION, "kms:Decrypt", "CredentialsKmsKeyArn", context)
    # docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    for role in (FUNCTION, TRACKER):
        yield from each(role, "kms:Decrypt GenerateDataKey", "DataKmsKeyArn")
    # docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
    yield from each(FUNCTION, "logs:CreateLogStream PutLogEvents", STREAM)
    # docs.aws.amazon.com/lambda/latest/dg/services-xray.html
    yield from each(FUNCTION, "xray:PutTraceSegments PutTelemetryRecords", "*")
    if account.parameters.get("VpcSubnetIds"):
        # docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
        yield from each(FUNCTION, "ec2:DescribeNetworkInterfaces DescribeSubnets", "*")
        yield from each(FUNCTION, "ec2:CreateNetworkInterface DeleteNetworkInterface", _INTERFACE)
        addresses = "ec2:AssignPrivateIpAddresses UnassignPrivateIpAddresses"
        yield from each(FUNCTION, addresses, _INTERFACE)

    # docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
    yield from each("states.amazonaws.com", "sts:AssumeRole", TRACKER, aws_SourceAccount=ACCOUNT)
    # docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    delivery = "CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery"
    yield from each(TRACKER, f"logs:{delivery} ListLogDeliveries", "*")
    yield from each(TRACKER, "logs:PutResourcePolicy DescribeResourcePolicies", "*")
    yield from each(TRACKER, "logs:DescribeLogGroups", "*")
    # docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
    yield from each(TRACKER, "xray:PutTraceSegments PutTelemetryRecords", "*")
    yield from each(TRACKER, "xray:GetSamplingRules GetSamplingTargets", "*")

    # docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html, and
    # AWSCodeDeployRoleForLambdaLimited, less what needs a hook or a bucket
    yield from each(f"codedeploy.{REGION}.amazonaws.com", "sts:AssumeRole", DEPLOYMENT)
    yield from each(
        DEPLOYMENT, "lambda:GetAlias GetProvisionedConcurrencyConfig", f"{_LAMBDA}:live"
    )
    yield from each(DEPLOYMENT, "lambda:UpdateAlias", _LAMBDA)
    yield from each(DEPLOYMENT, "cloudwatch:DescribeAlarms", ALARM)

    # docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html and
    # docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    source = {"aws_SourceAccount": ACCOUNT}
    yield from each(ALARMS, "sns:Publish", "OperatorAlertsTopic", **source, aws_SourceArn=ALARM)
    keys = "kms:GenerateDataKey GenerateDataKeyWithoutPlaintext Decrypt"
    yield from each(ALARMS, keys, "OperatorAlertsKey", **source)

    # docs/runbook.md
    for name in (one for one, arn in account.arns.items() if ":sqs:" in arn):
        yield from each(ADMINISTRATOR, "sqs:ReceiveMessage", name)
    # A key whose policy lets nobody of the account in can never be changed again.
    yield from each(ADMINISTRATOR, "kms:PutKeyPolicy", "OperatorAlertsKey")
