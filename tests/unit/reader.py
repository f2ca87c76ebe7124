"""Reads answers with the code under test, signed by another's hand unless a test says otherwise."""

from __future__ import annotations

import json

import httpx
from cancel_payment.alipay import answer
from cancel_payment.alipay.answer import Exchange
from cancel_payment.alipay.credentials import Credentials
from cancel_payment.alipay.result import Result

from tests.support.signer import PATH, Signer

REQUEST = b'{"paymentRequestId":"P1"}'
REQUEST_TIME = "2026-11-22T12:00:00+08:00"
OK = b'{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}'


def exchanged(body: bytes, fields: dict[str, str], status: int = 200) -> Exchange:
    headers = httpx.Headers(fields)
    return Exchange(PATH, REQUEST_TIME, REQUEST, status, headers, body)


class Reader:
    """Reads answers, signed unless `fields` say otherwise."""

    def __init__(self, signer: Signer, credentials: Credentials) -> None:
        self.signer, self.credentials = signer, credentials

    def __call__(self, body: bytes, status: int = 200, **fields: str) -> Result:
        signed = self.signer.fields(body) | {
            name.replace("_", "-"): value for name, value in fields.items()
        }
        return answer.read(exchanged(body, signed, status), self.credentials)

    def unsigned(self, body: bytes, status: int = 200) -> Result:
        return answer.read(exchanged(body, {}, status), self.credentials)


def body_of(status: object, code: object, message: object = None, **fields: object) -> bytes:
    result = {"resultStatus": status, "resultCode": code, "resultMessage": message}
    return json.dumps({"result": result} | fields).encode()
