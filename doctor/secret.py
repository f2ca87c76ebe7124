"""The secret: readable, well-formed, its keys sound and each in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from cancel_payment.json_object import read_object
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from doctor import design, keys
from doctor.aws import Aws, is_loopback
from doctor.deployment import Deployment
from doctor.environment import in_use
from doctor.failures import Unanswered
from doctor.finding import Finding, ok_unless

SUBJECT = "secret"
_CORRECT = "put a corrected version into Secrets Manager; no deployment is needed"
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
    yield from judge(answer.get("SecretString"), url)


def judge(text: str | None, gateway_url: str) -> Iterator[Finding]:
    """Everything that is wrong with the secret's text.

    Parameters
    ----------
    text
        None if the secret holds bytes instead.
    """
    fields = read_object(text) if text else None
    if fields is None:
        yield Finding.wrong(SUBJECT, "it is not a JSON object", _CORRECT)
        return
    versions = len(fields["alipayPublicKeys"]) if _has_keys(fields) else 0
    yield from ok_unless(
        [*_faults(fields), *_pair(fields), *_client(fields, gateway_url)],
        SUBJECT,
        f"well-formed; our key is sound RSA-2048, and {versions} of Alipay+'s can be read",
    )


def _faults(fields: Mapping[str, Any]) -> Iterator[Finding]:
    for name, fact in keys.faults(fields):
        yield Finding.wrong(f"{SUBJECT} {name}", fact, _CORRECT)
    strange = len(fields.keys() - {*keys.REQUIRED, *keys.OPTIONAL})
    if strange:
        # Not named: a value may have been pasted in the place of a name.
        yield Finding.warning(
            SUBJECT,
            f"it holds {strange} field{'s' if strange > 1 else ''} that the function does not read",
            f"compare the names with {', '.join((*keys.REQUIRED, *keys.OPTIONAL))}",
        )


def _pair(fields: Mapping[str, Any]) -> Iterator[Finding]:
    private = keys.private_key(fields)
    if private is None:
        return
    subject = f"{SUBJECT} privateKey"
    if not _is_valid(private):
        yield Finding.wrong(
            subject,
            "its numbers do not belong together: it passes the function's quick probe, "
            "but it is no valid RSA key",
            f"export the key again from where it was made; {_CORRECT}",
        )
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


def _is_valid(key: RSAPrivateKey) -> bool:
    """OpenSSL's full check, for which the function has no time."""
    try:
        key.private_numbers().private_key()
    except ValueError:
        return False
    return True


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


def _has_keys(fields: Mapping[str, Any]) -> bool:
    return isinstance(fields.get("alipayPublicKeys"), dict)
