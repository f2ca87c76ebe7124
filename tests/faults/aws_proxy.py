"""A proxy between the function and the embedded AWS that lets calls fail, as `injector` says.

Two kinds: refused before the call took effect, and taken effect with the answer lost.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import select
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.faults.injector import KILLS, Fault, FaultInjector, Throw
from tests.faults.workers import Workers

# What the client tries again by itself is refused three times over; a denial it takes as said.
_ERRORS = {
    Fault.THROTTLED: (400, "ThrottlingException"),
    Fault.UNAVAILABLE: (503, "ServiceUnavailable"),
    Fault.DENIED: (400, "AccessDeniedException"),
    Fault.ANSWER_IS_AN_ERROR: (500, "InternalFailure"),
}
# Their failure brings no answered payment back.
_HARMLESS = frozenset({"ChangeMessageVisibilityBatch", "GetSecretValue"})
_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
)


class AwsProxy:
    """Listens on loopback; `upstream` is set once the embedded AWS is there."""

    def __init__(self, injector: FaultInjector, workers: Workers) -> None:
        self.injector, self.workers = injector, workers
        self.upstream = ""
        self.calls = 0
        self._pending: dict[str, Throw] = {}
        self._lock = threading.Lock()
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.1], daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def throw(self, action: str, call: str, attempt: int) -> Throw | None:
        """The fault of this try of this call."""
        with self._lock:
            self.calls += 1
            if attempt == 1:
                throw = self.injector.throw(action)
                if throw is not None and throw.tries > 1:
                    self._pending[call] = throw
                return throw
            throw = self._pending.get(call)
            return throw if throw is not None and attempt <= throw.tries else None

    def count(self, action: str, throw: Throw, body: bytes, pid: int | None) -> None:
        self.injector.count(action, throw.fault)
        if action in _HARMLESS:
            return
        named = _payments(action, body)
        for payment in named:
            self.workers.explain_one(payment)
        if not named:
            self.workers.explain(pid)


def _payments(action: str, body: bytes) -> list[str]:
    """The payment of each message that a call is about, so one payment as often as it lies in the
    batch; none where the call names only a token or an execution."""
    call = json.loads(body)
    match action:
        case "PutEvents":
            texts = [one["Detail"] for one in call["Entries"]]
        case "StartExecution":
            texts = [json.dumps(json.loads(call["input"])["payment"])]
        case "SendMessage":
            texts = [call["MessageBody"]]
        case _:
            texts = []
    found = []
    for text in texts:
        # A body on its way to the dead-letter queue may be anything.
        with contextlib.suppress(ValueError, AttributeError):
            fields = json.loads(text)
            found.append(str(fields.get("paymentRequestId") or fields.get("paymentId")))
    return found


class _Handler(BaseHTTPRequestHandler):
    owner: AwsProxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self._pid = self.owner.workers.of_port(self.client_address[1])
        self._upstream: http.client.HTTPConnection | None = None

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        action = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        call = self.headers.get("amz-sdk-invocation-id", "")
        attempt = int(self.headers.get("amz-sdk-request", "attempt=1").split("=")[1].split(";")[0])
        if attempt == 1:
            self.owner.workers.name(self._pid, _payments(action, body))
        throw = self.owner.throw(action, call, attempt)
        if throw is None:
            answer = self._forward(body)
            if action == "GetSecretValue" and answer[0] == 200:
                secret = json.loads(json.loads(answer[2])["SecretString"])
                self.owner.workers.learn(self._pid, set(secret["alipayPublicKeys"]))
            self._answer(*answer)
            return
        if throw.fault in KILLS:
            self._kill(action, throw, body)
            return
        self.owner.count(action, throw, body, self._pid)
        match throw.fault:
            case Fault.DROPPED:
                self._hang_up()
            case Fault.ANSWER_LOST:
                self._forward(body)
                self._hang_up()
            case Fault.ANSWER_IS_AN_ERROR:
                self._forward(body)
                self._refuse(throw.fault)
            case Fault.PARTIAL:
                self._answer_partly(action, throw, body)
            case _:
                self._refuse(throw.fault)

    do_GET = do_POST

    def _kill(self, action: str, throw: Throw, body: bytes) -> None:
        if throw.fault is Fault.KILLED_AFTER:
            self._forward(body)
        if self.owner.workers.kill(self._pid):
            self.owner.injector.count(action, throw.fault)
        else:
            self.owner.injector.missed()
        self._hang_up()

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """Ask the embedded AWS; one that does not answer is a 502, which explains a repeat."""
        for fresh in (False, True):
            try:
                if self._upstream is None or fresh:
                    self._upstream = http.client.HTTPConnection(
                        urlsplit(self.owner.upstream).netloc, timeout=30
                    )
                headers = {name: value for name, value in self.headers.items()}
                self._upstream.request(self.command, self.path, body, headers)
                answer = self._upstream.getresponse()
                data = answer.read()
            except (OSError, http.client.HTTPException):
                continue
            if answer.status >= 500:
                self.owner.workers.explain(self._pid)
            return answer.status, answer.getheaders(), data
        self.owner.workers.explain(self._pid)
        return 502, [], b"{}"

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        if self._left():
            self.owner.workers.explain(self._pid)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def _refuse(self, fault: Fault) -> None:
        status, code = _ERRORS[fault]
        data = json.dumps({"__type": code, "message": "a fault was injected"}).encode()
        self._answer(status, [("Content-Type", "application/x-amz-json-1.0")], data)

    def _answer_partly(self, action: str, throw: Throw, body: bytes) -> None:
        """Forward some entries of a batch, and say of the others that they failed."""
        request = json.loads(body)
        entries: list[dict[str, Any]] = request["Entries"]
        failing = max(1, round(len(entries) * throw.entries))
        passed = entries[failing:]
        answer: dict[str, Any] = {}
        if passed:
            _, _, data = self._forward(json.dumps(request | {"Entries": passed}).encode())
            answer = json.loads(data)
        if action == "PutEvents":
            failed = [{"ErrorCode": "InternalFailure", "ErrorMessage": "injected"}] * failing
            answer = {
                "FailedEntryCount": failing + answer.get("FailedEntryCount", 0),
                "Entries": failed + answer.get("Entries", []),
            }
        else:
            failures = [
                {"Id": one["Id"], "Code": "InternalError", "SenderFault": False}
                for one in entries[:failing]
            ]
            answer["Failed"] = failures + answer.get("Failed", [])
            answer.setdefault("Successful", [])
        self._answer(
            200, [("Content-Type", "application/x-amz-json-1.1")], json.dumps(answer).encode()
        )

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _left(self) -> bool:
        """Whether the client has hung up, as it does when an answer takes it too long."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):
            # The worker has been killed or has given up; what it had in hand may come back.
            self.owner.workers.explain(self._pid)

    def finish(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_: object) -> None:
        pass
