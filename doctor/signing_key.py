"""The KMS key that signs in place of the private key: its kind, its state, the right to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from doctor import keys
from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.environment import in_use
from doctor.finding import Finding, ok_unless
from doctor.secret import SUBJECT as SECRET
from doctor.secret import fields

SUBJECT = "signing key"
_SPEC, _USAGE = "RSA_2048", "SIGN_VERIFY"


def check(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    arn = in_use(aws, deployment, "ALIPAY_SIGNING_KEY_ARN", "SigningKeyArn")
    if not arn:
        return
    metadata = aws.read("kms", "describe_key", KeyId=arn)["KeyMetadata"]
    faults = [*judge(metadata)]
    if not faults:
        policy = aws.read("kms", "get_key_policy", KeyId=arn, PolicyName="default")["Policy"]
        role = deployment.resource("CancelPaymentRole")
        faults += judge_right(json.loads(policy), deployment.account, role)
        public = aws.read("kms", "get_public_key", KeyId=arn)["PublicKey"]
        faults += judge_public_half(public, fields(aws, deployment))
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


def judge_public_half(der: bytes, secret: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Whether somebody gave us our own public key as Alipay+'s."""
    ours = load_der_public_key(der)
    assert isinstance(ours, RSAPublicKey)
    for version, key in keys.public_keys(secret or {}).items():
        if key.public_numbers() == ours.public_numbers():
            yield Finding.wrong(
                f"{SECRET} alipayPublicKeys.{version}",
                "it is the public half of our own signing key, so no answer will ever verify",
                "put Alipay+'s public key there: the developer centre shows it beside the one "
                "that you uploaded",
            )
