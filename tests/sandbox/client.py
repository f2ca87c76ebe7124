"""A client of the stand-in for Alipay+: real HTTP over loopback, keys made for the run.

Requests are signed by the tests' own signer and answers verified here; nothing is imported from the
stand-in.
"""

import base64
import functools
import json
import re
import socket
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tests.support.signer import PATH, signature_header


def on_the_wire(request: httpx.Request) -> bytes:
    lines = [f"POST {PATH} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + request.content


@dataclass
class Sandbox:
    """A running stand-in and a client of it that keeps to the protocol unless asked not to."""

    url: str
    directory: Path
    client: httpx.Client

    @functools.cached_property
    def secret(self) -> dict[str, Any]:
        return json.loads((self.directory / "secret.json").read_text())

    @functools.cached_property
    def private_key(self) -> Any:
        return load_pem_private_key(self.secret["privateKey"].encode(), None)

    @staticmethod
    def new(scenario: str) -> str:
        return f"{scenario}-{uuid.uuid4().hex[:12]}"

    @staticmethod
    def wait_until(condition: Any) -> None:
        end = time.monotonic() + 5
        while not condition():
            assert time.monotonic() < end, "it did not happen within five seconds"
            time.sleep(0.02)

    def request(
        self, body: bytes, *, method: str = "POST", path: str = PATH, **change: Any
    ) -> httpx.Request:
        """A signed request.

        Parameters
        ----------
        change
            `time` yields the one to sign with; `sent`, a body other than the one that is signed;
            `headers` put in place of the right ones, None for none, in which `{right}` is the right
            signature, `{bare}` that without percent-encoding, `{lower}` with it in lower case.
        """
        moment = change.get("time", lambda: datetime.now(UTC).isoformat(timespec="seconds"))()
        content = f"{method} {path}\n{self.secret['clientId']}.{moment}.".encode() + body
        header = signature_header(self.private_key, content)
        right = header.rpartition("signature=")[2]
        lower = re.sub("%..", lambda match: match[0].lower(), right)
        headers = {
            "Client-Id": self.secret["clientId"],
            "Request-Time": moment,
            "Content-Type": "application/json; charset=UTF-8",
            "Signature": header,
            "Accept-Encoding": "identity",
            **change.get("headers", {}),
        }
        return self.client.build_request(
            method,
            self.url + path,
            content=change.get("sent", body),
            headers={
                name: value.format(right=right, bare=unquote(right), lower=lower)
                for name, value in headers.items()
                if value is not None
            },
        )

    def send(self, body: bytes, **change: Any) -> httpx.Response:
        """The answer, with its bytes as they came even where they are compressed."""
        answer = self.client.send(self.request(body, **change), stream=True)
        raw = b"".join(answer.iter_raw())
        answer.close()
        headers = [one for one in answer.headers.items() if one[0] != "content-encoding"]
        return httpx.Response(
            answer.status_code, headers=headers, content=raw, request=answer.request
        )

    def cancel(self, request_id: str | None = None, payment_id: str | None = None) -> Any:
        ids = {"paymentRequestId": request_id, "paymentId": payment_id}
        return self.send(json.dumps({k: v for k, v in ids.items() if v is not None}).encode())

    def result(self, request_id: str | None = None, payment_id: str | None = None) -> str:
        answer = self.cancel(request_id, payment_id)
        assert self.verifies(answer)
        result = answer.json()["result"]
        return f"{result['resultStatus']} {result['resultCode']}"

    def verifies(self, answer: httpx.Response) -> bool:
        header = answer.headers.get("signature")
        if header is None:
            return False
        form = re.fullmatch(
            r"algorithm=RSA256,keyVersion=(\d+),signature=((?:\w|%2B|%2F|%3D)+)", header
        )
        assert form
        client_id, moment = answer.headers["client-id"], answer.headers["response-time"]
        asked = f"{answer.request.method} {answer.request.url.path}"
        signed = f"{asked}\n{client_id}.{moment}.".encode()
        key = load_pem_public_key(self.secret["alipayPublicKeys"][form[1]].encode())
        signature = base64.b64decode(unquote(form[2]), validate=True)
        try:
            key.verify(signature, signed + answer.content, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True

    def admin(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self.client.request(method, f"{self.url}/_sandbox/{path}", **arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def log(self, request_id: str) -> list[dict[str, Any]]:
        query = {"paymentRequestId": request_id}
        return self.admin("GET", "requests", params=query)["requests"]

    def ledger(self, request_id: str) -> dict[str, Any]:
        query = {"paymentRequestId": request_id}
        [payment] = self.admin("GET", "payments", params=query)["payments"]
        return payment

    def mode(self, mode: str, **more: int) -> None:
        self.admin("POST", "mode", json={"mode": mode, **more})

    def register(self, initiated_at: datetime, **ids: str) -> dict[str, Any]:
        body = {**ids, "initiatedAt": initiated_at.isoformat()}
        return self.admin("POST", "payments", json=body)

    def traces(self, request_id: str) -> tuple[Any, ...]:
        """Return what the last attempt left in the ledger and in the log."""
        payment, entry = self.ledger(request_id), self.log(request_id)[-1]
        return payment["cancelledAt"], entry["answer"]

    def raw_exchange(self, request_id: str, seconds: float) -> tuple[bytes, str]:
        """Send over a bare socket; return what comes within the time, and how it ends."""
        request = self.request(json.dumps({"paymentRequestId": request_id}).encode())
        url = httpx.URL(self.url)
        received, end = b"", time.monotonic() + seconds
        with socket.create_connection((url.host, url.port)) as plain:
            plain.sendall(on_the_wire(request))
            while (left := end - time.monotonic()) > 0:
                plain.settimeout(left)
                try:
                    data = plain.recv(65536)
                except TimeoutError:
                    break
                except ConnectionResetError:
                    return received, "reset"
                if not data:
                    return received, "closed"
                received += data
        return received, "open"
