"""A value for each parameter, and what can be switched on in the template."""

from __future__ import annotations

from typing import Final

_ACCOUNT: Final = "eu-central-1:123456789012"
_KEY: Final = f"arn:aws:kms:{_ACCOUNT}:key"

REQUIRED: Final = {
    "GatewayUrl": "https://open-sea-global.alipayplus.com",
    "CredentialsSecretArn": f"arn:aws:secretsmanager:{_ACCOUNT}:secret:alipayplus-a1B2c3",
}
# Off by default; each with all that it needs.
OPTIONS: Final = {
    "key of the secret": {"CredentialsKmsKeyArn": f"{_KEY}/5b0c77e1-1111-4222-8333-444455556666"},
    "KMS signs": {"SigningKeyArn": f"{_KEY}/6c1d88f2-1111-4222-8333-444455556666"},
    "archive": {"OutcomeArchiveDays": "400"},
    "e-mail": {"AlertEmail": "on-call@example.com"},
    "existing topic": {"AlertTopicArn": f"arn:aws:sns:{_ACCOUNT}:on-call"},
    "runbook": {"RunbookUrl": "https://wiki.example.com/runbook.md"},
    "VPC": {
        "VpcSubnetIds": ",".join(f"subnet-0{letter * 16}" for letter in "abc"),
        "VpcSecurityGroupIds": "sg-0dddddddddddddddd",
    },
    "permissions boundary": {"PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/limits"},
    "key of the data": {"DataKmsKeyArn": f"{_KEY}/7d2e99a3-1111-4222-8333-444455556666"},
    "code signing": {
        "CodeSigningConfigArn": (
            f"arn:aws:lambda:{_ACCOUNT}:code-signing-config:csc-0123456789abcdef0"
        )
    },
    "gradual": {"GradualDeployment": "Canary10Percent5Minutes"},
    "no closing call": {"ClosingCallSeconds": "0"},
    "buses of one's own": {"PaymentEventBusName": "payments", "OutcomeBusName": "outcomes"},
    "name of the queue": {"PaymentQueueName": "cancellations"},
    "x86": {"Architecture": "x86_64"},
    "basic monitoring": {"Monitoring": "Basic"},
}
# The two that exclude another: an own topic beside an existing one, alarms beside none.
_NOT_IN_ALL: Final = ("existing topic", "basic monitoring")


def variants() -> dict[str, dict[str, str]]:
    """Parameters with no option, with each, and with all that go together."""
    everything: dict[str, str] = {}
    for name, values in OPTIONS.items():
        if name not in _NOT_IN_ALL:
            everything |= values
    each = {name: REQUIRED | values for name, values in OPTIONS.items()}
    return {"none": REQUIRED, **each, "all": REQUIRED | everything}
