"""The secret: readable, well-formed, its keys sound and each in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from cancel_payment.alipay import keys
from cancel_payment.alipay.json_object import read_object
from cancel_payment.alipay.pem import KeyFormError
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from doctor.alipay import fields
from doctor.aws import Aws, is_loopback
from doctor.failures import Unanswered
from doctor.finding import Finding, ok_unless
from doctor.settings import in_use
from doctor.stack import Stack

SUBJECT = "secret"
_CORRECT = "put a corrected version into Secrets Manager; no deployment is needed"
# Alipay+ documents RSA-2048 for both sides.
_KEY_BITS = 2048
# Alipay+'s hosts for production, by its documentation. A client's sandbox host stands in its
# developer centre only.
_PRODUCTION_HOSTS = frozenset(
    f"open-{region}.alipayplus.com" for region in ("na", "na-global", "sea", "sea-global")
)
_SANDBOX_CLIENT = "SANDBOX_"
# What Secrets Manager says of a secret that nobody can read, the function neither.
_UNREADABLE = {"InvalidRequestException", "DecryptionFailure"}


def check(aws: Aws, stack: Stack) -> Iterator[Finding]:
    try:
        text = read(aws, stack)
    except Unanswered as error:
        if error.code not in _UNREADABLE:
            raise
        yield Finding.wrong(SUBJECT, f"cannot be read: {error}", "restore it, or its KMS key")
        return
    url = in_use(aws, stack, "ALIPAY_GATEWAY_URL", "GatewayUrl")
    kms_signs = bool(in_use(aws, stack, "ALIPAY_SIGNING_KEY_ARN", "SigningKeyArn"))
    yield from judge(text, url, kms_signs=kms_signs)


def read(aws: Aws, stack: Stack) -> str:
    """The secret's text; empty if it holds bytes.

    Raises
    ------
    ReadError
    """
    arn = in_use(aws, stack, "ALIPAY_CREDENTIALS_SECRET_ARN", "CredentialsSecretArn")
    answer = aws.read("secretsmanager", "get_secret_value", SecretId=arn)
    return str(answer.get("SecretString") or "")


def judge(text: str, gateway_url: str, *, kms_signs: bool = False) -> Iterator[Finding]:
    """Everything that is wrong with the secret's text.

    Parameters
    ----------
    kms_signs
        A KMS key signs; the secret needs no private key.
    """
    secret = read_object(text, strict=False)
    if secret is None:
        yield Finding.wrong(SUBJECT, "it is not a JSON object", _CORRECT)
        return
    ours = "a KMS key signs" if kms_signs else "our key is sound RSA-2048"
    pair = [] if kms_signs else _pair(secret)
    yield from ok_unless(
        [*_faults(secret, kms_signs), *pair, *_client(secret, gateway_url)],
        SUBJECT,
        f"well-formed; {ours}, and {len(_public_keys(secret))} of Alipay+'s can be read",
    )


def _faults(secret: Mapping[str, Any], kms_signs: bool) -> Iterator[Finding]:
    for name in fields.NAMES:
        found = fields.read(name, secret.get(name))
        if isinstance(found, str):
            if not (kms_signs and name == fields.PRIVATE_KEY):
                yield Finding.wrong(f"{SUBJECT} {name}", found, _CORRECT)
        elif name == fields.PUBLIC_KEYS:
            for fact in found.unusable_public_keys:
                fact += "; answers under its version prove nothing"
                yield Finding.warning(f"{SUBJECT} {name}", fact, _CORRECT)
    if kms_signs and secret.get(fields.PRIVATE_KEY):
        yield Finding.warning(
            f"{SUBJECT} {fields.PRIVATE_KEY}",
            "it is still there, though a KMS key signs",
            "once nothing signs with it any more, take it out of the secret and of Alipay+",
        )
    strange = len(secret.keys() - {*fields.NAMES})
    if strange:
        # Not named: a value may have been pasted in the place of a name.
        yield Finding.warning(
            SUBJECT,
            f"it holds {strange} field{'s' if strange > 1 else ''} that the function does not read",
            f"compare the names with {', '.join(fields.NAMES)}",
        )


def _pair(secret: Mapping[str, Any]) -> Iterator[Finding]:
    text = secret.get(fields.PRIVATE_KEY)
    try:
        private = keys.private_key(text if isinstance(text, str) else "")
    except KeyFormError:
        return
    subject = f"{SUBJECT} privateKey"
    if private.key_size != _KEY_BITS:
        yield Finding.warning(
            subject,
            f"it has {private.key_size} bits; Alipay+ documents RSA-{_KEY_BITS}",
            "ask Alipay+ whether they accept it, or make a new pair",
        )
    yield from ours_for_theirs(private.public_key(), secret)


def _public_keys(secret: Mapping[str, Any]) -> Mapping[str, RSAPublicKey]:
    """Those of Alipay+'s keys that can be read, by version."""
    found = fields.read(fields.PUBLIC_KEYS, secret.get(fields.PUBLIC_KEYS))
    return {} if isinstance(found, str) else found.public_keys


def ours_for_theirs(ours: RSAPublicKey, secret: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether somebody gave us our own public key as Alipay+'s."""
    for version, key in _public_keys(secret).items():
        if key.public_numbers() == ours.public_numbers():
            yield Finding.wrong(
                f"{SUBJECT} alipayPublicKeys.{version}",
                "it is the public half of our own key, so no answer will ever verify",
                "put Alipay+'s public key there: the developer centre shows it beside the one "
                "that you uploaded",
            )


def _client(secret: Mapping[str, Any], gateway_url: str) -> Iterator[Finding]:
    client_id = secret.get("clientId")
    host = urlsplit(gateway_url).hostname or ""
    if not isinstance(client_id, str) or not client_id or is_loopback(host):
        return
    sandbox = client_id.startswith(_SANDBOX_CLIENT)
    if sandbox == (host in _PRODUCTION_HOSTS):
        kind = "of the sandbox" if sandbox else "of production"
        place = "is one for production" if sandbox else "is none of Alipay+'s for production"
        yield Finding.warning(
            f"{SUBJECT} clientId",
            f"the client is one {kind}, but the gateway {host} {place}",
            "compare both with what the developer centre shows for this client",
        )
