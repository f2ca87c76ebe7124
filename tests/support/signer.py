"""Alipay+'s side of the signature, by protocol.md alone: answers signed for one client."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.gateway import Request, Step

PATH = "/aps/api/v1/payments/cancelPayment"
RESPONSE_TIME = "2026-11-22T12:00:00+08:00"


def signature_header(key: RSAPrivateKey, content: bytes, version: str = "1") -> str:
    text = quote(base64.b64encode(key.sign(content, PKCS1v15(), SHA256())), safe="")
    return f"algorithm=RSA256,keyVersion={version},signature={text}"


def result(status: str, code: str, **fields: str) -> bytes:
    """An answer's body; the fields beside `result` are `pspId` and `acquirerId`."""
    return json.dumps({"result": {"resultStatus": status, "resultCode": code}} | fields).encode()


def success(payment: str) -> bytes:
    """S for this payment: an answer carries no payment id, so `pspId` names it for the judge."""
    return result("S", "SUCCESS", pspId=payment)


UNKNOWN = result("U", "UNKNOWN_EXCEPTION")
THROTTLED = result("U", "REQUEST_TRAFFIC_EXCEED_LIMIT")
REFUND = result("F", "CANCEL_WINDOW_EXCEED")
FAIL = result("F", "PROCESS_FAIL")


@dataclass(frozen=True)
class Signer:
    key: RSAPrivateKey
    client_id: str

    def fields(self, body: bytes) -> dict[str, str]:
        """The three headers of the signed content."""
        content = f"POST {PATH}\n{self.client_id}.{RESPONSE_TIME}.".encode() + body
        return {
            "client-id": self.client_id,
            "response-time": RESPONSE_TIME,
            "signature": signature_header(self.key, content),
        }

    def answer(self, body: bytes, status: int = 200, **headers: str) -> bytes:
        """A whole answer, head and body."""
        return answer(body, status, **(self.fields(body) | headers))


def by_payment(signer: Signer, bodies: Mapping[str, bytes]) -> Callable[[Request], list[Step]]:
    """Signed answers by the payment that is asked for; S for those that `bodies` leaves out."""

    def reply(request: Request) -> list[Step]:
        return [signer.answer(bodies.get(request.payment) or success(request.payment))]

    return reply


def answer(body: bytes, status: int = 200, **headers: str) -> bytes:
    """An answer that nobody has signed, unless the headers say so."""
    fields = {
        "content-type": "application/json; charset=UTF-8",
        "content-length": str(len(body)),
    } | headers
    lines = [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([f"HTTP/1.1 {status} -", *lines, "", ""]).encode() + body
