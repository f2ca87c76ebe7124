"""Verify the proof in an outcome event, with Alipay+'s public key and nothing else of ours.

    python verify_proof.py OUTCOME.json VERSION=PUBLIC_KEY.pem [VERSION=PUBLIC_KEY.pem ...]

OUTCOME.json is the event or its detail, as it was archived. Needs the package `cryptography` alone.
What a proof shows, and what it cannot: docs/security.md, "What a proof shows".
"""

import base64
import json
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

PATH = "/aps/api/v1/payments/cancelPayment"
IDS = ("paymentRequestId", "paymentId")
LONGEST_CALL = timedelta(seconds=30)
LONGEST_CODE = 64  # outcomes cut what is longer


class Unproven(Exception):
    """The proof does not show what the outcome says; the text says what is wrong."""


def verify(detail: Mapping[str, Any], public_keys: Mapping[str, bytes]) -> str:
    """What the proof shows, in one line.

    Parameters
    ----------
    detail
        The detail of an outcome event, version 2.
    public_keys
        Alipay+'s, as PEM, by key version.

    Raises
    ------
    Unproven
        The signature does not verify, or it is of something else than the outcome says.
    """
    try:
        return _verify(detail, public_keys)
    except (KeyError, TypeError, ValueError) as error:
        raise Unproven(f"there is no readable proof: {type(error).__name__}") from error


def _verify(detail: Mapping[str, Any], public_keys: Mapping[str, bytes]) -> str:
    proof = detail["proof"]
    if proof["keyVersion"] not in public_keys:
        raise Unproven(f"no public key of version {proof['keyVersion']} is given")
    public_key = load_pem_public_key(public_keys[proof["keyVersion"]])
    assert isinstance(public_key, RSAPublicKey)
    response, signature = _decoded(proof["response"]), _decoded(proof["signature"])
    head = f"POST {PATH}\n{proof['clientId']}.{proof['responseTime']}."
    try:
        public_key.verify(signature, head.encode() + response, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Unproven("the signature is not Alipay+'s over this answer") from None
    result = _result(response)
    for name in ("resultStatus", "resultCode"):
        if result[name][:LONGEST_CODE] != detail[name]:
            raise Unproven(f"Alipay+ answered {result[name]}, the outcome says {detail[name]}")
    # Nobody's signature covers the request: compared are the payment, byte for byte, and the time.
    ids = {name: detail[name] for name in IDS if name in detail}
    if proof["request"] != json.dumps(ids, ensure_ascii=False, separators=(",", ":")):
        raise Unproven("the request was for another payment")
    asked = datetime.fromisoformat(proof["requestTime"])
    resolved = datetime.fromisoformat(detail["resolvedAt"])
    if not timedelta(seconds=-1) <= resolved - asked <= LONGEST_CALL:
        raise Unproven("the request was not made just before the answer")
    return (
        f"{proof['responseTime']}: Alipay+ answered {proof['clientId']} "
        f"{result['resultStatus']} {result['resultCode']} (key version {proof['keyVersion']})"
    )


def _decoded(text: str) -> bytes:
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("bits behind the last byte")
    return decoded


def _result(response: bytes) -> Any:
    # A human text of the answer may be in another encoding, in which a byte can be a backslash.
    try:
        text = response.decode("utf-8", "replace").removeprefix("\ufeff")
        return json.loads(text, strict=False)["result"]
    except ValueError:
        return json.loads(response.decode("gb18030", "replace"), strict=False)["result"]


def main(outcome: str, *named_keys: str) -> int:
    with open(outcome, encoding="utf-8") as file:
        event = json.load(file)
    public_keys = {}
    for named in named_keys:
        version, _, path = named.partition("=")
        with open(path, "rb") as key:
            public_keys[version] = key.read()
    try:
        print(verify(event.get("detail", event), public_keys))
    except Unproven as error:
        print(f"NOT PROVEN: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
