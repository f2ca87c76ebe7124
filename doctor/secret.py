"""The secret: readable, well-formed, its keys sound and each in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from cancel_payment.alipay.json_object import read_object

from doctor import design, keys
from doctor.aws import Aws, is_loopback
from doctor.deployment import Deployment
from doctor.environment import in_use
from doctor.failures import Unanswered
from doctor.finding import Finding, ok_unless

SUBJECT = "secret"
_CORRECT = "put a corrected version into Secrets Manager; no deployment is needed"
_FIELDS = (*keys.REQUIRED, keys.PRIVATE_KEY, *keys.OPTIONAL)
# What Secrets Manager says of a secret that nobody can read, the function neither.
_UNREADABLE = {"InvalidRequestException", "DecryptionFailure"}


def check(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    arn = in_use(aws, deployment, "ALIPAY_CREDENTIALS_SECRET_ARN", "CredentialsSecretArn")
    try:
        answer = aws.read("secretsmanager", "get_secret_value", SecretId=arn)
    except Unanswered as error:
        if error.code not in _UNREADABLE:
            raise
        yield Finding.wrong(SUBJECT, f"cannot be read: {error}", "restore it, or its KMS key")
        return
    url = in_use(aws, deployment, "ALIPAY_GATEWAY_URL", "GatewayUrl")
    kms_signs = bool(in_use(aws, deployment, "ALIPAY_SIGNING_KEY_ARN", "SigningKeyArn"))
    yield from judge(answer.get("SecretString"), url, kms_signs=kms_signs)


def fields(aws: Aws, deployment: Deployment) -> Mapping[str, Any] | None:
    """The secret's object; None if it is none.

    Raises
    ------
    ReadError
    """
    arn = in_use(aws, deployment, "ALIPAY_CREDENTIALS_SECRET_ARN", "CredentialsSecretArn")
    answer = aws.read("secretsmanager", "get_secret_value", SecretId=arn)
    return read_object(answer.get("SecretString") or "", strict=False)


def judge(text: str | None, gateway_url: str, *, kms_signs: bool = False) -> Iterator[Finding]:
    """Everything that is wrong with the secret's text.

    Parameters
    ----------
    text
        None if the secret holds bytes instead.
    kms_signs
        A KMS key signs; the secret needs no private key.
    """
    fields = read_object(text, strict=False) if text else None
    if fields is None:
        yield Finding.wrong(SUBJECT, "it is not a JSON object", _CORRECT)
        return
    ours = "a KMS key signs" if kms_signs else "our key is sound RSA-2048"
    pair = [] if kms_signs else _pair(fields)
    yield from ok_unless(
        [*_faults(fields, kms_signs), *pair, *_client(fields, gateway_url)],
        SUBJECT,
        f"well-formed; {ours}, and {len(keys.public_keys(fields))} of Alipay+'s can be read",
    )


def _faults(fields: Mapping[str, Any], kms_signs: bool) -> Iterator[Finding]:
    for name, fact in keys.faults(fields, kms_signs=kms_signs):
        yield Finding.wrong(f"{SUBJECT} {name}", fact, _CORRECT)
    for fact in keys.unusable_public_keys(fields):
        yield Finding.warning(
            f"{SUBJECT} alipayPublicKeys",
            f"{fact}; answers under its version prove nothing",
            _CORRECT,
        )
    if kms_signs and fields.get(keys.PRIVATE_KEY):
        yield Finding.warning(
            f"{SUBJECT} {keys.PRIVATE_KEY}",
            "it is still there, though a KMS key signs",
            "once nothing signs with it any more, take it out of the secret and of Alipay+",
        )
    strange = len(fields.keys() - {*_FIELDS})
    if strange:
        # Not named: a value may have been pasted in the place of a name.
        yield Finding.warning(
            SUBJECT,
            f"it holds {strange} field{'s' if strange > 1 else ''} that the function does not read",
            f"compare the names with {', '.join(_FIELDS)}",
        )


def _pair(fields: Mapping[str, Any]) -> Iterator[Finding]:
    private = keys.private_key(fields)
    if private is None:
        return
    subject = f"{SUBJECT} privateKey"
    if private.key_size != design.KEY_BITS:
        yield Finding.warning(
            subject,
            f"it has {private.key_size} bits; Alipay+ documents RSA-{design.KEY_BITS}",
            "ask Alipay+ whether they accept it, or make a new pair",
        )
    ours = private.public_key().public_numbers()
    for version, key in keys.public_keys(fields).items():
        if key.public_numbers() == ours:
            yield Finding.wrong(
                f"{SUBJECT} alipayPublicKeys.{version}",
                "it is the public half of our own privateKey, so no answer will ever verify",
                "put Alipay+'s public key there: the developer centre shows it beside the one "
                "that you uploaded",
            )


def _client(fields: Mapping[str, Any], gateway_url: str) -> Iterator[Finding]:
    client_id = fields.get("clientId")
    host = urlsplit(gateway_url).hostname or ""
    if not isinstance(client_id, str) or not client_id or is_loopback(host):
        return
    sandbox = client_id.startswith(design.SANDBOX_CLIENT)
    if sandbox == (host in design.PRODUCTION_HOSTS):
        kind = "of the sandbox" if sandbox else "of production"
        place = "is one for production" if sandbox else "is none of Alipay+'s for production"
        yield Finding.warning(
            f"{SUBJECT} clientId",
            f"the client is one {kind}, but the gateway {host} {place}",
            "compare both with what the developer centre shows for this client",
        )
