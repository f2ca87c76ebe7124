"""The official SDK on the same job, record by record, as its own examples use it.

It has no cancelPayment of Alipay+, only Antom's cancel, so the path is overridden. It connects to
port 443 always: the one thing changed in it here is the port. The rest is its own, with its
verification of certificates.
"""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from com.alipay.ams.api.default_alipay_client import DefaultAlipayClient
from com.alipay.ams.api.net import default_http_rpc
from com.alipay.ams.api.request.pay.alipay_pay_cancel_request import AlipayPayCancelRequest
from com.alipay.ams.api.response.pay.alipay_pay_cancel_response import AlipayPayCancelResponse

from tests.support.signer import PATH


class Sdk:
    """One client for all records; it opens a connection for each of them by itself."""

    def __init__(self, directory: Path, url: str) -> None:
        secret = json.loads((directory / "secret.json").read_text())
        self._client = DefaultAlipayClient(
            url,
            secret["clientId"],
            (directory / "pkcs1.pem").read_text().strip(),
            secret["alipayPublicKeys"]["1"].strip(),
        )
        setattr(default_http_rpc, "__get_http_connection", _connection)

    def batch(self, ids: list[str]) -> list[str]:
        return ids

    def run(self, ids: list[str]) -> int:
        return sum(self._cancel(one) for one in ids)

    def _cancel(self, payment_request_id: str) -> bool:
        request = AlipayPayCancelRequest()
        request.path = PATH
        request.payment_request_id = payment_request_id
        answer = AlipayPayCancelResponse(self._client.execute(request))
        return str(answer.result.result_status).endswith("S")


def _connection(url: str, timeout: float = 30) -> http.client.HTTPSConnection:
    parts = urlsplit(url)
    return http.client.HTTPSConnection(
        host=str(parts.hostname),
        port=parts.port,
        timeout=timeout,
        context=ssl.create_default_context(),
    )
