"""An outcome event as the contract describes it, with a proof signed at run time."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any
from urllib.parse import unquote

from tests.support.keys import KeyPair, make_pair
from tests.support.signer import RESPONSE_TIME, Signer, result

CLIENT_ID = "SANDBOX_5Y0000000000000001"


@cache
def alipay() -> KeyPair:
    return make_pair()


def public_keys() -> dict[str, bytes]:
    return {"1": alipay().spki.encode()}


def proven(status: str, code: str, response: bytes | None = None, **ids: str) -> dict[str, Any]:
    """The detail of an outcome that rests on this answer, as far as its proof is concerned."""
    body = result(status, code) if response is None else response
    signed = Signer(alipay().private, CLIENT_ID).fields(body)["signature"]
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
            "signature": unquote(signed.partition("signature=")[2]),
            "response": base64.b64encode(body).decode(),
        },
    }
