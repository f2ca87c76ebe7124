"""Calls that must be denied: each differs from one that is needed in one thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.template.policies.account import Account
from tests.template.policies.calls import ACCOUNT, ADMINISTRATOR, FUNCTION, REGION, Call

STRANGER: Final = "210987654321"
# Somebody in another account, with every right that account can give.
_SOMEBODY: Final = f"arn:aws:iam::{STRANGER}:role/Administrator"
_ANOTHER_SERVICE: Final = "iot.amazonaws.com"
# What else whoever took over a role would do: by what the needed call does, or by its service.
_OTHER_ACTIONS: Final = {
    "sqs": "sqs:PurgeQueue",
    "secretsmanager": "secretsmanager:PutSecretValue",
    "kms:Sign": "kms:Verify",
    "kms": "kms:Encrypt",
    "events": "events:DeleteEventBus",
    "states:DescribeExecution": "states:StopExecution",
    "states": "states:DeleteStateMachine",
    "logs:CreateLogStream": "logs:DeleteLogStream",
    "logs:PutLogEvents": "logs:DeleteLogStream",
    "logs": "logs:CancelExportTask",
    "xray": "xray:PutEncryptionConfig",
    "ec2:DescribeNetworkInterfaces": "ec2:DescribeInstances",
    "ec2:DescribeSubnets": "ec2:DescribeInstances",
    "ec2": "ec2:ModifyNetworkInterfaceAttribute",
    "lambda": "lambda:UpdateFunctionCode",
    "cloudwatch": "cloudwatch:DeleteAlarms",
    "sns": "sns:Subscribe",
    "sts": "sts:TagSession",
}
# A key that those do not have.
_OF_ONE_ACTION: Final = "events:source"
# Needed on any resource, as the template says where it stands.
_ON_ANY: Final = ("ec2:", "cloudwatch:DescribeAlarms")
# Another value of each condition key; an empty tuple is a call without the key.
_OTHER_VALUES: Final[dict[str, list[str | tuple[str, ...]]]] = {
    "events:source": [
        ("acquirer.payments",),  # takes payments to cancel from whoever has this role
        ("acquirer.payments", "alipayplus.cancelPayment"),
        (),
    ],
    "kms:SigningAlgorithm": ["RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_512"],
    "kms:ViaService": [f"s3.{REGION}.amazonaws.com", ()],
    "kms:EncryptionContext:SecretARN": [
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:another-a1B2c3",
        (),
    ],
    "aws:SourceArn": [
        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/another",
        f"arn:aws:events:{REGION}:{STRANGER}:rule/payments-PaymentTimeoutRule",
        f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:another",
        (),
    ],
    "aws:SourceAccount": [STRANGER, ()],
}


def calls(account: Account, needed: list[Call]) -> list[Call]:
    """All of them, each once."""
    found = [one for call in needed for one in _one_thing_else(account, call)]
    # The code itself changes no network; the same calls by Lambda are needed.
    by_the_code = {"lambda:SourceFunctionArn": account.arns["CancelPaymentFunction"]}
    found += [
        Call(FUNCTION, one.action, one.on, by_the_code)
        for one in needed
        if one.by == FUNCTION and one.action.startswith("ec2:") and one.on != "*"
    ]
    return list(dict.fromkeys(found))


def _one_thing_else(account: Account, call: Call) -> Iterator[Call]:
    arn = account.arns.get(call.on, call.on)
    service = call.action.partition(":")[0]
    # People have other rights elsewhere, by policies that are none of the stack's.
    if call.by != ADMINISTRATOR:
        other = _OTHER_ACTIONS.get(call.action) or _OTHER_ACTIONS[service]
        keys = {key: value for key, value in call.keys.items() if key != _OF_ONE_ACTION}
        # An alias is no function to change the code of.
        yield Call(call.by, other, call.on.removesuffix(":live"), keys)
        if arn != "*" and not call.action.startswith(_ON_ANY):
            yield Call(call.by, call.action, _another(arn), call.keys)
            yield Call(call.by, call.action, arn.replace(ACCOUNT, STRANGER), call.keys)
    if arn != "*":
        yield Call(_SOMEBODY, call.action, call.on, call.keys)
        yield Call(_ANOTHER_SERVICE, call.action, call.on, call.keys)
    for key in call.keys:
        for value in _OTHER_VALUES[key]:
            yield Call(call.by, call.action, call.on, {**call.keys, key: value})
    if service in {"sqs", "sns"}:
        yield Call(call.by, call.action, call.on, {**call.keys, "aws:SecureTransport": "false"})


def _another(arn: str) -> str:
    """A resource of the same kind beside that one."""
    for kind in (":execution:", ":log-group:", ":function:"):
        before, there, name = arn.partition(kind)
        if there:
            return f"{before}{kind}another-{name}"
    head, _, name = arn.rpartition("/") if "/" in arn else arn.rpartition(":")
    return f"{head}{arn[len(head)]}another-{name}"
