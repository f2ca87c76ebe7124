"""The double of AWS over HTTP, on a free port of loopback."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.aws import AwsDouble


def start(double: AwsDouble) -> ThreadingHTTPServer:
    """Serve the double on a free port of loopback, in a thread of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body in one write

        def do_POST(self) -> None:
            action = self.headers["X-Amz-Target"].rpartition(".")[2]
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, reply = double.serve(action, json.loads(body))
            data = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
            about = double.drips.get(action)
            drips = about is not None and about in body.decode()
            data = b" " * 500 * drips + data  # the shortest answer, {}, would be there in 0.4 s
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if drips:
                self._drip(action, data)
            else:
                self.wfile.write(data)

        def _drip(self, action: str, data: bytes) -> None:
            self.close_connection = True
            with contextlib.suppress(OSError):
                for byte in data:
                    if action not in double.drips:
                        break
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(0.2)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    return server
