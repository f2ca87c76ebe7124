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


class Proxy:
    """Listens on loopback; `upstream` is set once the embedded AWS is there."""

    def __init__(self) -> None:
        self.upstream = ""
        self.heard: list[tuple[str, dict[str, Any]]] = []
        """The target of each call (`AmazonSQS.SendMessage`) and its parameters."""
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def environment(self) -> dict[str, str]:
        """For `Stack.start`."""
        return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_port}"}


@contextlib.contextmanager
def listening() -> Iterator[Proxy]:
    proxy = Proxy()
    server = proxy._server
    threading.Thread(target=server.serve_forever, args=[0.1], daemon=True).start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: Proxy
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.owner.heard.append((self.headers["X-Amz-Target"], json.loads(body)))
        upstream = http.client.HTTPConnection(urlsplit(self.owner.upstream).netloc, timeout=30)
        with contextlib.closing(upstream):
            upstream.request("POST", self.path, body, dict(self.headers.items()))
            answer = upstream.getresponse()
            data = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _SET_BY_THE_SERVER:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle(self) -> None:
        # A worker that is stopped hangs up.
        with contextlib.suppress(OSError):
            super().handle()

    def log_message(self, *_: object) -> None:
        pass
