"""The KMS key that signs in place of the private key: its kind, its state, the right to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cancel_payment.alipay.json_object import read_object
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from doctor.alipay import secret
from doctor.aws import Aws
from doctor.finding import Finding, ok_unless
from doctor.settings import in_use
from doctor.stack import Stack

SUBJECT = "signing key"
_SPEC, _USAGE = "RSA_2048", "SIGN_VERIFY"


def check(aws: Aws, stack: Stack) -> Iterator[Finding]:
    arn = in_use(aws, stack, "ALIPAY_SIGNING_KEY_ARN", "SigningKeyArn")
    if not arn:
        return
    metadata = aws.read("kms", "describe_key", KeyId=arn)["KeyMetadata"]
    faults = [*judge(metadata)]
    if not faults:
        policy = aws.read("kms", "get_key_policy", KeyId=arn, PolicyName="default")["Policy"]
        role = stack.resource("CancelPaymentRole")
        faults += judge_right(json.loads(policy), stack.account, role)
        public = load_der_public_key(aws.read("kms", "get_public_key", KeyId=arn)["PublicKey"])
        assert isinstance(public, RSAPublicKey)
        held = read_object(secret.read(aws, stack), strict=False) or {}
        faults += secret.ours_for_theirs(public, held)
    fact = f"{_SPEC}, enabled, its policy lets the function sign, its public half is not Alipay+'s"
    yield from ok_unless(faults, SUBJECT, fact)


def judge(metadata: Mapping[str, Any]) -> Iterator[Finding]:
    """What `DescribeKey` says of it."""
    spec, usage, state = (metadata.get(one) for one in ("KeySpec", "KeyUsage", "KeyState"))
    if (spec, usage) != (_SPEC, _USAGE):
        yield Finding.wrong(
            SUBJECT,
            f"it is {spec} for {usage}; Alipay+ takes signatures of {_SPEC}, {_USAGE}",
            "make another key and deploy with its SigningKeyArn: these cannot be changed",
        )
    if state != "Enabled":
        yield Finding.wrong(
            SUBJECT,
            f"its state is {state}: no call can be signed",
            "enable it in KMS (cancel its deletion first, where it is pending)",
        )


def judge_right(policy: Mapping[str, Any], account: str, role: str) -> Iterator[Finding]:
    """Whether the key's policy lets the account's own policies decide, or names the role.

    That the role itself may sign is the template's; a deny of the organisation is seen by none
    of both.
    """
    statements = policy["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    if not any(_allows(one, account, role) for one in listed):
        yield Finding.wrong(
            SUBJECT,
            "its policy lets neither the account nor the function's role sign",
            f"allow kms:Sign to the role {role} in the key's policy",
        )


def _allows(statement: Mapping[str, Any], account: str, role: str) -> bool:
    actions, principal = statement.get("Action", []), statement.get("Principal")
    named = principal.get("AWS", []) if isinstance(principal, dict) else principal
    return (
        statement["Effect"] == "Allow"
        and bool({"kms:*", "kms:Sign", "*"} & set(_listed(actions)))
        and any(
            one in ("*", account) or str(one).endswith((f"::{account}:root", f":role/{role}"))
            for one in _listed(named)
        )
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
