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
from typing import Any

from tests.faults.injector import KILLS, Fault, FaultInjector, Throw
from tests.faults.proxy import Answer, Handler, Proxy
from tests.faults.workers import Workers

# What the client tries again by itself is refused three times over; a denial it takes as said.
_ERRORS = {
    Fault.THROTTLED: (400, "ThrottlingException"),
    Fault.UNAVAILABLE: (503, "ServiceUnavailable"),
    Fault.DENIED: (400, "AccessDeniedException"),
    Fault.ANSWER_IS_AN_ERROR: (500, "InternalFailure"),
}
_TAKES_EFFECT = {Fault.ANSWER_LOST, Fault.ANSWER_IS_AN_ERROR, Fault.KILLED_AFTER}
_HANGS_UP = {Fault.DROPPED, Fault.ANSWER_LOST, *KILLS}
# Their failure brings no answered payment back.
_HARMLESS = frozenset({"ChangeMessageVisibilityBatch", "GetSecretValue"})
_LINGER_ZERO = struct.pack("ii", 1, 0)


class AwsProxy(Proxy):
    """Listens on loopback; `upstream` is set once the embedded AWS is there."""

    def __init__(self, injector: FaultInjector, workers: Workers) -> None:
        self.injector, self.workers = injector, workers
        self.calls = 0
        self._pending: dict[str, Throw] = {}
        self._lock = threading.Lock()
        super().__init__(_Handler)

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


class _Handler(Handler):
    server: AwsProxy

    def setup(self) -> None:
        super().setup()
        self._pid = self.server.workers.of_port(self.client_address[1])

    def do_POST(self) -> None:
        body, workers = self.body(), self.server.workers
        action = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        call = self.headers.get("amz-sdk-invocation-id", "")
        attempt = int(self.headers.get("amz-sdk-request", "attempt=1").split("=")[1].split(";")[0])
        if attempt == 1:
            workers.name(self._pid, _payments(action, body))
        throw = self.server.throw(action, call, attempt)
        if throw is not None:
            self._fail(action, throw, body)
            return
        self.answer(self.forward(body))

    def _fail(self, action: str, throw: Throw, body: bytes) -> None:
        fault = throw.fault
        if fault in _TAKES_EFFECT:
            self.forward(body)
        if fault not in KILLS:
            self.server.count(action, throw, body, self._pid)
        elif self.server.workers.kill(self._pid):
            self.server.injector.count(action, fault)
        else:
            self.server.injector.missed()
        if fault in _HANGS_UP:
            self._hang_up()
        elif fault is Fault.PARTIAL:
            self.answer(self._partial(action, throw, body))
        else:
            status, code = _ERRORS[fault]
            text = json.dumps({"__type": code, "message": "a fault was injected"})
            self.answer((status, [("Content-Type", "application/x-amz-json-1.0")], text.encode()))

    def forward(self, body: bytes) -> Answer:
        """Ask the embedded AWS; one that does not answer is a 502, which explains a repeat."""
        try:
            answer = super().forward(body)
        except (OSError, http.client.HTTPException):
            answer = 502, [], b"{}"
        if answer[0] >= 500:
            self.server.workers.explain(self._pid)
        return answer

    def answer(self, answer: Answer) -> None:
        # Whoever finds that an answer takes it too long has hung up.
        readable, _, _ = select.select([self.connection], [], [], 0)
        if readable and self.connection.recv(1, socket.MSG_PEEK) == b"":
            self.server.workers.explain(self._pid)
        super().answer(answer)

    def _partial(self, action: str, throw: Throw, body: bytes) -> Answer:
        """Forward some entries of a batch, and say of the others that they failed."""
        request = json.loads(body)
        entries: list[dict[str, Any]] = request["Entries"]
        failing = max(1, round(len(entries) * throw.entries))
        answer: dict[str, Any] = {}
        if passed := entries[failing:]:
            answer = json.loads(self.forward(json.dumps(request | {"Entries": passed}).encode())[2])
        if action == "PutEvents":
            failed = [{"ErrorCode": "InternalFailure", "ErrorMessage": "injected"}] * failing
            answer["FailedEntryCount"] = failing + answer.get("FailedEntryCount", 0)
            answer["Entries"] = failed + answer.get("Entries", [])
        else:
            failures = [
                {"Id": one["Id"], "Code": "InternalError", "SenderFault": False}
                for one in entries[:failing]
            ]
            answer["Failed"] = failures + answer.get("Failed", [])
            answer.setdefault("Successful", [])
        text = json.dumps(answer).encode()
        return 200, [("Content-Type", "application/x-amz-json-1.1")], text

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def handle(self) -> None:
        try:
            super(Handler, self).handle()
        except (OSError, ValueError):
            # The worker has been killed or has given up; what it had in hand may come back.
            self.server.workers.explain(self._pid)

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
