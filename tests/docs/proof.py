"""An outcome event as the contract describes it, with a proof signed at run time."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.keys import KeyPair
from tests.support.signer import PATH, RESPONSE_TIME, result

CLIENT_ID = "SANDBOX_5Y0000000000000001"


@cache
def alipay() -> KeyPair:
    return KeyPair(rsa.generate_private_key(65537, 2048))


def public_keys() -> dict[str, bytes]:
    return {"1": alipay().spki.encode()}


def proven(status: str, code: str, response: bytes | None = None, **ids: str) -> dict[str, Any]:
    """The detail of an outcome that rests on this answer, as far as its proof is concerned."""
    body = result(status, code) if response is None else response
    content = f"POST {PATH}\n{CLIENT_ID}.{RESPONSE_TIME}.".encode() + body
    signature = alipay().private.sign(content, PKCS1v15(), SHA256())
    return ids | {
        "version": "2",
        "resultStatus": status,
        "resultCode": code,
        "resolvedAt": "2026-11-22T12:00:00.812+08:00",
        "proof": {
            "clientId": CLIENT_ID,
            "requestTime": RESPONSE_TIME,
            "request": json.dumps(ids, separators=(",", ":"), ensure_ascii=False),
            "responseTime": RESPONSE_TIME,
            "keyVersion": "1",
            "signature": base64.b64encode(signature).decode(),
            "response": base64.b64encode(body).decode(),
        },
    }
