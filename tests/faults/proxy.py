"""A proxy between the function and the embedded AWS that remembers what was asked of AWS.

The endpoint of an AWS client is one variable of its environment, which the function's workers
inherit from the embedded AWS; so nothing of the stack is changed.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_SET_BY_THE_SERVER = {"connection", "keep-alive", "transfer-encoding", "content-length"}

type Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers, body."""


class Proxy(ThreadingHTTPServer):
    """Listens on loopback; `upstream` is set once the embedded AWS is there."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, handler: type[Handler] | None = None) -> None:
        self.upstream = ""
        self.heard: list[tuple[str, dict[str, Any]]] = []
        """The target of each call (`AmazonSQS.SendMessage`) and its parameters."""
        super().__init__(("127.0.0.1", 0), handler or Handler)

    @property
    def environment(self) -> dict[str, str]:
        """For `Stack.start`."""
        return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_port}"}


@contextlib.contextmanager
def listening[P: Proxy](proxy: P) -> Iterator[P]:
    threading.Thread(target=proxy.serve_forever, args=[0.1], daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()


class Handler(BaseHTTPRequestHandler):
    """Passes every call on."""

    server: Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer in one packet

    def do_POST(self) -> None:
        body = self.body()
        self.server.heard.append((self.headers["X-Amz-Target"], json.loads(body)))
        self.answer(self.forward(body))

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def forward(self, body: bytes) -> Answer:
        """What the embedded AWS says; `OSError` or `HTTPException` if it says nothing."""
        upstream = http.client.HTTPConnection(urlsplit(self.server.upstream).netloc, timeout=30)
        with contextlib.closing(upstream):
            upstream.request("POST", self.path, body, dict(self.headers.items()))
            answer = upstream.getresponse()
            return answer.status, answer.getheaders(), answer.read()

    def answer(self, answer: Answer) -> None:
        status, headers, data = answer
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _SET_BY_THE_SERVER:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def handle(self) -> None:
        # A worker that is stopped hangs up.
        with contextlib.suppress(OSError):
            super().handle()

    def log_message(self, *_: object) -> None:
        pass
