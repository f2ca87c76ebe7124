"""The other sides of a benchmark, in one process of their own: a gateway and an AWS.

`sandbox.gateway` signs every answer, about 1 ms on cores that the client under test needs too, and
the AWS double of the tests starts a thread per connection. Here an answer is made ready before,
and waits in the event loop. The gateway keeps some of the requests, which `python -m benchmarks`
later verifies, so that nobody is fast by sending nonsense.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import time
from pathlib import Path
from typing import Any

KEPT = 1000
EVERY = 7


class Peer(asyncio.Protocol):
    """HTTP/1.1 with keep-alive and Content-Length; subclasses say what is answered and when."""

    latency = 0.0

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while True:
            head, separator, rest = self._received.partition(b"\r\n\r\n")
            if not separator:
                return
            lower = head.lower()
            at = lower.find(b"content-length:")
            length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(rest) < length:
                if b"expect: 100-continue" in lower:
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            self._received = rest[length:]
            answer = self.answer(head, rest[:length])
            if self.latency:
                asyncio.get_running_loop().call_later(self.latency, self._write, answer)
            else:
                self._write(answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)

    def answer(self, head: bytes, body: bytes) -> bytes:
        raise NotImplementedError


class Gateway(Peer):
    """Answers every cancelPayment with the same signed S."""

    ready = b""
    count = 0
    first_at = 0.0
    kept: list[tuple[str, str]]

    def answer(self, head: bytes, body: bytes) -> bytes:
        own = type(self)
        own.count += 1
        own.first_at = own.first_at or time.clock_gettime(time.CLOCK_MONOTONIC)
        # Every so often one, so that each client is among them.
        if own.count % EVERY == 1 and len(own.kept) < KEPT:
            own.kept.append((head.decode("latin-1"), body.decode("latin-1")))
        return own.ready


class Control(Peer):
    """Tells what the gateway got since it was last asked."""

    def answer(self, head: bytes, body: bytes) -> bytes:
        found = {"count": Gateway.count, "firstAt": Gateway.first_at, "kept": Gateway.kept}
        Gateway.count, Gateway.first_at, Gateway.kept = 0, 0.0, []
        return _response(found)


class Aws(Peer):
    """Takes every call; the secret is the only thing that it knows."""

    secret = ""

    def answer(self, head: bytes, body: bytes) -> bytes:
        action = head.lower().partition(b"x-amz-target:")[2].split(b"\r\n", 1)[0]
        match action.strip().rpartition(b".")[2].decode():
            case "getsecretvalue":
                return _response({"Name": "benchmark", "SecretString": self.secret})
            case "putevents":
                entries = [{"EventId": "1"} for _ in json.loads(body)["Entries"]]
                return _response({"FailedEntryCount": 0, "Entries": entries})
            case "changemessagevisibilitybatch":
                done = [{"Id": entry["Id"]} for entry in json.loads(body)["Entries"]]
                return _response({"Successful": done})
            case "startexecution":
                return _response(
                    {"executionArn": "arn:aws:states:x:1:execution:m:n", "startDate": 1}
                )
            case "sendmessage":
                return _response({"MessageId": "1"})
            case _:
                return _response({})


def _response(body: dict[str, Any]) -> bytes:
    data = json.dumps(body).encode()
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\n"
        f"content-length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


async def _serve(directory: Path, latency_ms: float, *, plain: bool) -> None:
    Gateway.ready = (directory / "answer.http").read_bytes()
    Gateway.latency = latency_ms / 1000
    Gateway.kept = []
    Aws.secret = (directory / "secret.json").read_text()
    tls = None
    if not plain:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(directory / "server.pem", directory / "server.key")
    loop = asyncio.get_running_loop()
    gateway = await loop.create_server(Gateway, "127.0.0.1", 0, ssl=tls, backlog=1024)
    aws = await loop.create_server(Aws, "127.0.0.1", 0)
    control = await loop.create_server(Control, "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (gateway, aws, control)]
    print(json.dumps(ports), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.servers", description=__doc__)
    parser.add_argument("directory", type=Path, help="what benchmarks.materials has written")
    parser.add_argument("--latency-ms", type=float, default=100)
    parser.add_argument("--plain", action="store_true", help="a gateway without TLS")
    options = parser.parse_args()
    asyncio.run(_serve(options.directory, options.latency_ms, plain=options.plain))


if __name__ == "__main__":
    main()
