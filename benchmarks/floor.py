"""The least that one attempt can cost: JSON, RSA, one round trip on a kept connection, RSA.

No check, no clock but one, no error handling, no log: a limit to compare with, not a client.
libcurl was the fastest HTTP client of those tried (see RESULTS.md).
"""

from __future__ import annotations

import base64
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, unquote

import pycurl
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.support.signer import PATH

_PADDING, _HASH = padding.PKCS1v15(), hashes.SHA256()


class Floor:
    """A thread and a connection per call in flight, as the fastest of the arrangements tried."""

    def __init__(self, directory: Path, url: str) -> None:
        secret = json.loads((directory / "secret.json").read_text())
        key = serialization.load_pem_private_key(secret["privateKey"].encode(), None)
        public = serialization.load_pem_public_key(secret["alipayPublicKeys"]["1"].encode())
        assert isinstance(key, rsa.RSAPrivateKey) and isinstance(public, rsa.RSAPublicKey)
        self._key, self._public, self._client_id = key, public, secret["clientId"]
        self._url, self._authorities = url + PATH, str(directory / "authorities.pem")
        self._thread = threading.local()
        self._pool = ThreadPoolExecutor(100)

    def batch(self, ids: list[str]) -> list[str]:
        return ids

    def run(self, ids: list[str]) -> int:
        return sum(self._pool.map(self._cancel, ids))

    def _curl(self) -> pycurl.Curl:
        curl = getattr(self._thread, "curl", None)
        if curl is None:
            curl = self._thread.curl = pycurl.Curl()
            curl.setopt(pycurl.URL, self._url)
            curl.setopt(pycurl.CAINFO, self._authorities)
            curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
            curl.setopt(pycurl.NOSIGNAL, 1)
        return curl

    def _cancel(self, payment_request_id: str) -> bool:
        body = json.dumps({"paymentRequestId": payment_request_id}).encode()
        now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        content = f"POST {PATH}\n{self._client_id}.{now}.".encode() + body
        signature = quote(base64.b64encode(self._key.sign(content, _PADDING, _HASH)), safe="")
        curl, answer, head = self._curl(), BytesIO(), {}

        def keep(line: bytes) -> None:
            name, _, value = line.partition(b":")
            head[name] = value.strip()

        curl.setopt(pycurl.POSTFIELDS, body)
        curl.setopt(
            pycurl.HTTPHEADER,
            [
                "Content-Type: application/json; charset=UTF-8",
                f"Client-Id: {self._client_id}",
                f"Request-Time: {now}",
                f"Signature: algorithm=RSA256,keyVersion=1,signature={signature}",
            ],
        )
        curl.setopt(pycurl.HEADERFUNCTION, keep)
        curl.setopt(pycurl.WRITEDATA, answer)
        curl.perform()
        raw = answer.getvalue()
        signature = head[b"signature"].decode().partition("signature=")[2]
        signed = f"POST {PATH}\n{self._client_id}.{head[b'response-time'].decode()}.".encode() + raw
        self._public.verify(base64.b64decode(unquote(signature)), signed, _PADDING, _HASH)
        return bool(json.loads(raw)["result"]["resultStatus"] == "S")
