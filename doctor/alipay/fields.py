"""The fields of the secret, as the function itself would judge them. Pure; no value is ever shown.

The function stops at the first fault. Here each field is put alone into an otherwise sound secret
and given to the function's own reader, so that all faults are named at once.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from cancel_payment.alipay import keys
from cancel_payment.alipay.credentials import Credentials, CredentialsError, parse_secret, unusable
from cancel_payment.alipay.signing import PrivateKeySigner
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PRIVATE_KEY = "privateKey"
PUBLIC_KEYS = "alipayPublicKeys"
NAMES = ("clientId", "keyVersion", PUBLIC_KEYS, PRIVATE_KEY, "agentToken")
_BEFORE, _, _AFTER = str(unusable("|")).partition("|")


def read(name: str, value: Any) -> Credentials | str:
    """Credentials whose one true field is this one; the fact about it where it is of no use."""
    made_up = _made_up()
    public = made_up.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    sound = {"clientId": "client", "keyVersion": "1", PUBLIC_KEYS: {"1": public.decode()}}
    signer = None if name == PRIVATE_KEY else PrivateKeySigner(made_up)
    try:
        found = parse_secret(json.dumps(sound | {name: value}), signer)
        if name == PRIVATE_KEY:
            # In full, which the function leaves out: it would take a tenth of every cold start.
            keys.private_key(value).private_numbers().private_key()
    except CredentialsError as error:
        return str(error).removeprefix(_BEFORE).removesuffix(_AFTER)
    except ValueError:
        return "privateKey is not a sound RSA private key"
    return found


@functools.cache
def _made_up() -> rsa.RSAPrivateKey:
    """A key that signs nothing."""
    return rsa.generate_private_key(65537, 2048)
